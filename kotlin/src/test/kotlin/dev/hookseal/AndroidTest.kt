package dev.hookseal

import java.nio.file.Files
import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What can be told of the Android module without Android's tools: it is made of these sources. */
internal class AndroidTest {
    private val module = root.resolve("kotlin/android")
    private val gradle = Files.readString(module.resolve("build.gradle.kts"))
    private val pom = Files.readString(root.resolve("kotlin/pom.xml"))

    @Test
    fun `it compiles the sources that are tested here`() {
        val folders =
            Regex("""kotlin\.srcDirs\((.*)\)""").find(gradle)!!.groupValues[1].split(", ").map {
                it.trim('"')
            }
        assertEquals(listOf("../src/main/kotlin", "../target/generated"), folders)
        for (folder in folders) assertTrue(Files.isDirectory(module.resolve(folder)), folder)
        for (file in Regex("""consumerProguardFiles\("(.*)"\)""").findAll(gradle)) assertTrue(
            Files.isRegularFile(module.resolve(file.groupValues[1]))
        )
    }

    @Test
    fun `its dependencies are those that are tested here`() {
        fun version(of: String) =
            Regex("<$of.version>(.*)</$of.version>").find(pom)!!.groupValues[1]
        assertTrue(
            """id("org.jetbrains.kotlin.android") version "${version("kotlin")}"""" in gradle
        )
        assertTrue("""kotlinx-coroutines-android:${version("coroutines")}"""" in gradle)
        assertTrue("""net.java.dev.jna:jna:${version("jna")}@aar"""" in gradle)
        assertTrue(
            """version = "${Regex("<version>(.*)</version>").find(pom)!!.groupValues[1]}"""" in
                gradle
        )
    }

    @Test
    fun `the sources use no package that Android lacks`() {
        val lacking =
            listOf(
                "java.net.http",
                "com.sun.net",
                "java.lang.management",
                "javax.naming",
                "java.awt",
                "sun.misc",
            )
        val sources =
            Files.walk(root.resolve("kotlin/src/main/kotlin")).use { files ->
                files.filter { "$it".endsWith(".kt") }.toList()
            }
        assertTrue(sources.size > 15)
        for (source in sources) {
            val used = imports(source).filter { name -> lacking.any { name.startsWith(it) } }
            assertEquals(emptyList<String>(), used, "$source")
        }
    }

    private fun imports(source: Path) =
        Files.readAllLines(source)
            .filter { it.startsWith("import ") }
            .map { it.removePrefix("import ") }
}
