//! The typed events that are committed, in every language, are those that the provider files make.
//!
//! `make typed-events` writes them.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use hookseal::Provider;
use hookseal::typegen::{Language, generate};

/// What belongs into the folder of each language.
type Files = BTreeMap<PathBuf, String>;

#[test]
fn what_is_committed_is_what_the_files_say() {
    for (folder, wanted) in [
        ("core/src/events", rust()),
        ("python/src/hookseal/events", python()),
        ("node/src/events", node()),
        ("kotlin/src/main/kotlin/dev/hookseal/events", kotlin()),
        ("swift/Sources/HooksealEvents", swift()),
    ] {
        let folder = root().join(folder);
        write_if_asked(&folder, &wanted);
        let found: Vec<_> = names(&folder).collect();
        assert_eq!(found.len(), wanted.len(), "{folder:?} has {found:?}: {HOW}");
        check(&folder, &wanted);
    }
}

/// What is made of a file that is not built in, for the tests of each language to compile.
#[test]
fn so_is_what_is_made_of_a_file_of_ones_own() {
    let acme = Provider::load(root().join("tests/typegen/acme.toml")).unwrap();
    for (folder, file, language) in [
        ("core/tests/typed_events", "acme.rs", Language::Rust),
        ("python/tests", "acme_events.py", Language::Python),
        ("node/test", "acme.ts", Language::TypeScript),
        ("kotlin/src/test/kotlin/acme", "Acme.kt", Language::Kotlin),
        ("swift/Tests/HooksealTests", "Acme.swift", Language::Swift),
    ] {
        let folder = root().join(folder);
        let text = generate(&acme, language).unwrap();
        let package = if language == Language::Kotlin { "package acme\n\n" } else { "" };
        let wanted = Files::from([(file.into(), format!("{package}{text}"))]);
        write_if_asked(&folder, &wanted);
        check(&folder, &wanted);
    }
}

fn check(folder: &Path, wanted: &Files) {
    for (name, text) in wanted {
        let found = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(found == *text, "{name:?} differs from what its provider file makes: {HOW}");
    }
}

const HOW: &str = "run `make typed-events`";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The providers that have a catalog, each with the name of its module.
fn catalogs() -> impl Iterator<Item = (String, Arc<Provider>)> {
    let providers = Provider::ids().map(|id| Provider::builtin(id).unwrap());
    providers
        .filter(|provider| !provider.event_types().is_empty())
        .map(|provider| (provider.id().replace('-', "_"), provider))
}

fn rust() -> Files {
    let mut modules = "//! Typed events of the providers whose file has a catalog, for [`Event::typed`](crate::Event::typed).
//!
//! Made from the provider files by `make typed-events`.
"
    .to_owned();
    let mut files = Files::new();
    for (name, provider) in catalogs() {
        modules.push_str(&format!(
            "
/// The events of {}.
#[allow(missing_docs, reason = \"vendors name their fields\")]
pub mod {name};
",
            provider.name()
        ));
        files.insert(format!("{name}.rs").into(), generate(&provider, Language::Rust).unwrap());
    }
    files.insert("mod.rs".into(), modules);
    files
}

fn python() -> Files {
    let package =
        "\"\"\"Typed events of the providers whose file has a catalog: ``webkasa.typed(event)``.\"\"\"\n";
    let modules = catalogs().map(|(name, provider)| {
        (format!("{name}.py").into(), generate(&provider, Language::Python).unwrap())
    });
    modules.chain([("__init__.py".into(), package.to_owned())]).collect()
}

fn node() -> Files {
    let mut imports = String::new();
    let mut names = Vec::new();
    let mut members = String::new();
    let mut files = Files::new();
    for (name, provider) in catalogs() {
        let text = generate(&provider, Language::TypeScript).unwrap();
        files.insert(format!("{name}.ts").into(), text.replace("'hookseal'", "'../event.js'"));
        imports.push_str(&format!("import type * as {name} from './{name}.js'\n"));
        members.push_str(&format!("  {}: {name}.Event\n", provider.id()));
        names.push(name);
    }
    let index = format!(
        "// The typed events of the providers whose file has a catalog. Made from those files.
{imports}
export type {{ {} }}

/** What `verify` returns, by the provider's name. */
export interface Catalogs {{
{members}}}
",
        names.join(", ")
    );
    files.insert("index.ts".into(), index);
    files
}

fn kotlin() -> Files {
    let file = |(name, provider): (String, Arc<Provider>)| {
        let text = generate(&provider, Language::Kotlin).unwrap();
        (capitalized(&name, "kt"), format!("package dev.hookseal.events\n\n{text}"))
    };
    catalogs().map(file).collect()
}

fn swift() -> Files {
    let file = |(name, provider): (String, Arc<Provider>)| {
        let text = generate(&provider, Language::Swift).unwrap();
        (capitalized(&name, "swift"), text)
    };
    catalogs().map(file).collect()
}

fn capitalized(name: &str, extension: &str) -> PathBuf {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}.{extension}", first.to_uppercase()).into()
}

fn names(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file()).map(|path| path.file_name().unwrap().into())
}

fn write_if_asked(folder: &Path, files: &Files) {
    if env::var_os("HOOKSEAL_WRITE").is_none() {
        return;
    }
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
}
