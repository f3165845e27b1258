//! `docs/providers.md` lists what the provider files say: this makes its table, and fails where the page differs.
//!
//! `HOOKSEAL_WRITE=1 cargo test -p hookseal --test providers_page` writes it.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::fmt::Write as _;
use std::path::Path;

use hookseal::{Provider, ReplayProtection, SignatureForm, Tolerance};

const MARK: &str = "<!-- From here on this page is made: HOOKSEAL_WRITE=1 cargo test -p hookseal --test providers_page -->\n";

#[test]
fn the_page_is_what_the_files_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/providers.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (head, _) = page.split_once(MARK).unwrap();
    let wanted = format!("{head}{MARK}{}", made());
    if std::env::var_os("HOOKSEAL_WRITE").is_some() {
        std::fs::write(&path, wanted).unwrap();
    } else {
        assert!(page == wanted, "docs/providers.md differs from core/providers: run with HOOKSEAL_WRITE=1");
    }
}

#[test]
fn there_are_as_many_as_we_say() {
    assert!(Provider::ids().count() >= 120);
}

fn made() -> String {
    let providers: Vec<_> = Provider::ids().map(|id| Provider::builtin(id).unwrap()).collect();
    let mut page = format!("\n## All {}\n\n", providers.len());
    page.push_str("| vendor | id | header | algorithm | signed | tolerance | several | replays | handshake | read in |\n");
    page.push_str("|---|---|---|---|---|---|---|---|---|---|\n");
    let mut notes = String::new();
    for provider in &providers {
        let forms = provider.signatures();
        writeln!(
            page,
            "| {} | `{}` | {} | {} | {} | {} | {} | {} | {} | {} |",
            provider.name(),
            provider.id(),
            each(&forms, headers),
            each(&forms, algorithm),
            each(&forms, signed),
            each(&forms, |form| form.tolerance.map_or_else(|| "–".to_owned(), tolerance)),
            if forms.iter().any(|form| form.several) { "yes" } else { "–" },
            replays(provider.replay_protection()),
            if provider.has_handshake() { "yes" } else { "–" },
            read_in(provider),
        )
        .unwrap();
        if let Some(text) = provider.notes() {
            writeln!(notes, "- **{}**: {text}", provider.name()).unwrap();
        }
    }
    format!("{page}\n## What to know besides\n\n{notes}")
}

/// What differs between the forms of a provider, one after the other.
fn each(forms: &[SignatureForm], show: impl Fn(&SignatureForm) -> String) -> String {
    let mut shown: Vec<String> = forms.iter().map(show).collect();
    shown.dedup();
    shown.join(" or ")
}

fn headers(form: &SignatureForm) -> String {
    if form.headers.is_empty() {
        return "in the body".to_owned();
    }
    form.headers.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn algorithm(form: &SignatureForm) -> String {
    format!("{} {}", form.algorithm, form.encoding.unwrap_or_default()).trim_end().to_owned()
}

fn signed(form: &SignatureForm) -> String {
    match form.signed.replace('\n', "\\n").replace('|', "\\|") {
        nothing if nothing.is_empty() => "nothing".to_owned(),
        text => format!("`{text}`"),
    }
}

fn tolerance(tolerance: Tolerance) -> String {
    let Tolerance { past, future } = tolerance;
    if past == future {
        format!("{} s", past.as_secs())
    } else {
        format!("{} s, {} s ahead", past.as_secs(), future.as_secs())
    }
}

fn replays(protection: ReplayProtection) -> &'static str {
    match protection {
        ReplayProtection::Timestamp => "signed timestamp",
        ReplayProtection::SignedId => "signed id",
        ReplayProtection::UnsignedId => "id in a header",
        ReplayProtection::Nothing => "nothing",
    }
}

fn read_in(provider: &Provider) -> String {
    let sources: Vec<_> = provider.sources().iter().map(|source| link(source)).collect();
    format!("{}: {}", provider.confidence(), sources.join(", "))
}

/// A page or a package as a link with a short name; what is neither stays text.
fn link(source: &str) -> String {
    let (place, _) = source.split_once(' ').unwrap_or((source, ""));
    if let Some(address) = place.strip_prefix("https://") {
        let host = address.split('/').next().unwrap_or_default();
        return format!("[{}]({place})", host.strip_prefix("www.").unwrap_or(host));
    }
    if let Some(repository) = place.strip_prefix("github:") {
        let (name, commit) = repository.split_once('@').unwrap_or((repository, ""));
        let tree = if commit.is_empty() { String::new() } else { format!("/tree/{commit}") };
        return format!("[{name}](https://github.com/{name}{tree})");
    }
    if let Some(package) = place.strip_prefix("npm:") {
        let name = package.rsplit_once('@').map_or(package, |(name, _)| name);
        return format!("[npm {package}](https://www.npmjs.com/package/{name})");
    }
    if let Some(package) = place.strip_prefix("pypi:") {
        let name = package.split("==").next().unwrap_or_default();
        return format!("[pypi {package}](https://pypi.org/project/{name})");
    }
    source.to_owned()
}
