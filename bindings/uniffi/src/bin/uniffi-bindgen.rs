//! Writes the Kotlin and Swift that call the library.

fn main() {
    uniffi::uniffi_bindgen_main();
}
