// The Android library (AAR). Its Kotlin is that of ../src/main/kotlin and what scripts/kotlin generates; its native
// libraries are built by scripts/android. See docs/android.md.
plugins {
    id("com.android.library") version "8.13.0"
    id("org.jetbrains.kotlin.android") version "2.4.20"
    `maven-publish`
}

group = "dev.hookseal"
version = "0.1.0"

android {
    namespace = "dev.hookseal"
    compileSdk = 36

    defaultConfig {
        // java.time and java.nio.file without desugaring.
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
        ndk {
            abiFilters += listOf("arm64-v8a", "armeabi-v7a", "x86_64")
        }
    }

    sourceSets {
        getByName("main") {
            kotlin.srcDirs("../src/main/kotlin", "../target/generated")
            jniLibs.srcDirs("src/main/jniLibs")
        }
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    packaging {
        // Libraries stay uncompressed in the app and are mapped as they are, at pages of 16 KB.
        jniLibs.useLegacyPackaging = false
    }

    publishing {
        singleVariant("release") {
            withSourcesJar()
        }
    }
}

kotlin {
    jvmToolchain(17)
}

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.11.0")
    // The AAR has JNA's own native part; the jar of the same name must not come along.
    implementation("net.java.dev.jna:jna:5.18.1@aar")
}

publishing {
    publications {
        register<MavenPublication>("release") {
            artifactId = "hookseal-android"
            afterEvaluate { from(components["release"]) }
        }
    }
}
