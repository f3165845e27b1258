//! Lists the provider files, so that a new vendor is a new file and no line of code.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=providers");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("providers");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("core/providers is part of the crate")
        .map(|entry| entry.expect("core/providers can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    // By name, not by path: `hubspot` comes before `hubspot-v1`, though `.` comes after `-`.
    files.sort_by_key(|file| file.file_stem().map(ToOwned::to_owned));
    let mut table = format!("static BUILTIN: [Builtin; {}] = [\n", files.len());
    for file in files {
        let id = file.file_stem().and_then(|stem| stem.to_str()).expect("provider files have plain names");
        writeln!(table, "    Builtin::new({id:?}, include_str!({file:?})),")
            .expect("strings can be written to");
    }
    table.push_str("];\n");
    let target = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("providers.rs");
    fs::write(target, table).expect("the build folder can be written to");
}
