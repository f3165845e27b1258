//! Typed events in Kotlin: classes, and a sealed interface whose last class is open.

use super::catalog::{Catalog, Kind, Member, Part, Place, TypedEvent};
use super::names::{Names, camel, pascal, snake};
use super::text::{WARNING, about, headline, sentence};

pub(super) fn module(catalog: &Catalog<'_>) -> String {
    let mut types = union(catalog);
    for event in &catalog.events {
        // The whole before its parts.
        for part in event.parts.iter().rev() {
            types.push('\n');
            types.push_str(&comment(4, &about(event, part)));
            types.push_str(&match part {
                Part::Object { name, members } => class(name, members),
                Part::OneOf { name, values } => one_of(name, values),
            });
        }
    }
    let used = IMPORTS.iter().filter(|(use_of, _)| types.contains(use_of));
    let imports: String = used.map(|(_, name)| format!("import dev.hookseal.{name}\n")).collect();
    format!(
        "// {} {WARNING}\n\n{imports}\n{}public object {} {{\n{types}}}\n",
        safe(&headline(catalog)),
        comment(0, &[headline(catalog)]),
        pascal(catalog.provider.id()),
    )
}

fn union(catalog: &Catalog<'_>) -> String {
    let mut text = comment(4, &["An event of a type that is listed here, with its data, or another one."]);
    text.push_str("    public sealed interface Event : TypedEvent\n\n");
    let mut arms = String::new();
    for TypedEvent { source, name, data, .. } in &catalog.events {
        text.push_str(&comment(4, &[sentence(&source.description)]));
        let fields = [ORIGINAL.into(), format!("public val data: {}", kind(data, false)).into()];
        text.push_str(&format!("{}\n\n", constructor(4, &format!("{name}Event"), &fields, " : Event")));
        let (quoted, shape) = (quoted(&source.name), shape(data));
        let arm = format!("            {quoted} -> {name}Event(event, event.read({shape}))\n");
        arms.push_str(&match fits(&arm) {
            true => arm,
            false => arm.replacen(" -> ", " ->\n                ", 1),
        });
    }
    text.push_str(&comment(4, &["An event of a type that is not listed here."]));
    let unlisted = constructor(4, "UnlistedEvent", &[ORIGINAL.into()], " : Event");
    text + &unlisted
        + "

    /**
     * The event with its data, by its type.
     *
     * @throws VerificationException `invalid_payload` if the data is not as its type says
     */
    public fun typed(event: dev.hookseal.Event): Event =
        when (event.type) {
" + &arms
        + "            else -> UnlistedEvent(event)\n        }\n"
}

fn class(name: &str, members: &[Member<'_>]) -> String {
    // A member of this name would be a method that every object has already.
    let mut names = Names::taken(&["class"]);
    let mut fields = Vec::new();
    let mut reads = Vec::new();
    for Member { source, place } in members {
        let field = names.free(camel(&source.name), "");
        let field = if KEYWORDS.contains(&field.as_str()) { format!("`{field}`") } else { field };
        let about = source.description.as_deref().map(|text| comment(8, &[sentence(text)]));
        let kind = kind(place, source.optional);
        fields.push(Item { comment: about.unwrap_or_default(), text: format!("public val {field}: {kind}") });
        let how = if source.optional { "members.optional" } else { "members.required" };
        let arguments = [quoted(&source.name).into(), shape(place).into()];
        reads.push(assignment(20, &field, how, &arguments).into());
    }
    let head = match members {
        [] => format!("    public class {name}"),
        _ => constructor(4, name, &fields, ""),
    };
    let made = match members {
        [] => format!("            override fun read(json: Any?, path: String): {name} = {name}()\n"),
        _ => format!(
            "            override fun read(json: Any?, path: String): {name} {{
                val members = Members(json, path)
                {}
            }}
",
            listed(16, &format!("return {name}"), &reads, "")
        ),
    };
    format!("{head} {{\n        internal companion object : Shape<{name}> {{\n{made}        }}\n    }}\n")
}

/// A text that may also be another than those that are listed.
fn one_of(name: &str, values: &[String]) -> String {
    let mut names = Names::taken(&[]);
    let mut constants = String::new();
    for value in values {
        let constant = names.free(snake(value).to_ascii_uppercase(), "");
        constants
            .push_str(&format!("            public val {constant}: {name} = {name}({})\n\n", quoted(value)));
    }
    format!(
        "    @JvmInline
    public value class {name}(public val value: String) {{
        public companion object : Shape<{name}> {{
{constants}            override fun read(json: Any?, path: String): {name} =
                {name}(Shape.TEXT.read(json, path))
        }}
    }}
"
    )
}

fn kind(place: &Place<'_>, optional: bool) -> String {
    let text = match &place.kind {
        Kind::Any => return "Any?".to_owned(),
        Kind::Boolean => "Boolean".to_owned(),
        Kind::Integer => "Long".to_owned(),
        Kind::Number => "Double".to_owned(),
        Kind::String => "String".to_owned(),
        Kind::OneOf { name, .. } | Kind::Object { name } => name.clone(),
        Kind::List(item) => format!("List<{}>", kind(item, false)),
    };
    if optional || is_nullable(place) { text + "?" } else { text }
}

/// What reads it.
fn shape(place: &Place<'_>) -> String {
    let text = match &place.kind {
        Kind::Any => "Shape.ANY".to_owned(),
        Kind::Boolean => "Shape.BOOLEAN".to_owned(),
        Kind::Integer => "Shape.INTEGER".to_owned(),
        Kind::Number => "Shape.NUMBER".to_owned(),
        Kind::String => "Shape.TEXT".to_owned(),
        Kind::OneOf { name, .. } | Kind::Object { name } => name.clone(),
        Kind::List(item) => format!("Shape.list({})", shape(item)),
    };
    if is_nullable(place) { format!("Shape.nullable({text})") } else { text }
}

fn is_nullable(place: &Place<'_>) -> bool {
    place.nullable && !matches!(place.kind, Kind::Any)
}

/// One of what stands in parentheses, with the lines above it.
struct Item {
    comment: String,
    text: String,
}

impl<T: Into<String>> From<T> for Item {
    fn from(text: T) -> Self {
        Self { comment: String::new(), text: text.into() }
    }
}

fn constructor(indent: usize, name: &str, fields: &[Item], after: &str) -> String {
    format!("{}{}", " ".repeat(indent), listed(indent, &format!("public data class {name}"), fields, after))
}

fn assignment(indent: usize, name: &str, function: &str, arguments: &[Item]) -> String {
    let inline = listed(0, &format!("{name} = {function}"), arguments, "");
    if fits(&format!("{}{inline},", " ".repeat(indent))) && !inline.contains('\n') {
        return inline;
    }
    let indent = indent + 4;
    format!("{name} =\n{}{}", " ".repeat(indent), listed(indent, function, arguments, ""))
}

/// Arguments or parameters on one line, or, if that is too long or they have comments, on one each.
fn listed(indent: usize, head: &str, items: &[Item], after: &str) -> String {
    let space = " ".repeat(indent);
    let texts: Vec<_> = items.iter().map(|item| item.text.as_str()).collect();
    let line = format!("{head}({}){after}", texts.join(", "));
    let is_bare = items.iter().all(|item| item.comment.is_empty() && !item.text.contains('\n'));
    if is_bare && fits(&format!("{space}{line}")) {
        return line;
    }
    let lines = items.iter().map(|Item { comment, text }| format!("{comment}{space}    {text},\n"));
    format!("{head}(\n{}{space}){after}", lines.collect::<String>())
}

fn comment(indent: usize, about: &[impl AsRef<str>]) -> String {
    let space = " ".repeat(indent);
    let about: Vec<_> = about.iter().map(|text| safe(text.as_ref())).collect();
    match &about[..] {
        [one] if fits(&format!("{space}/** {one} */")) => format!("{space}/** {one} */\n"),
        several => {
            let between = format!("\n{space} *\n{space} * ");
            format!("{space}/**\n{space} * {}\n{space} */\n", several.join(&between))
        }
    }
}

/// Comments nest in Kotlin.
fn safe(text: &str) -> String {
    text.replace("/*", "/ *")
}

fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for letter in text.chars() {
        match letter {
            '"' | '\\' | '$' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter => quoted.push(letter),
        }
    }
    quoted + "\""
}

fn fits(line: &str) -> bool {
    line.trim_end().chars().count() <= WIDTH
}

/// What shows that something is used, and its name.
const IMPORTS: [(&str, &str); 5] = [
    ("Members(", "Members"),
    ("Shape", "Shape"),
    ("TypedEvent", "TypedEvent"),
    ("VerificationException", "VerificationException"),
    ("event.read(", "read"),
];

/// Where Kotlin's formatter breaks lines.
const WIDTH: usize = 100;

const ORIGINAL: &str = "override val original: dev.hookseal.Event";

const KEYWORDS: [&str; 27] = [
    "as",
    "break",
    "class",
    "continue",
    "do",
    "else",
    "false",
    "for",
    "fun",
    "if",
    "in",
    "interface",
    "is",
    "null",
    "object",
    "package",
    "return",
    "super",
    "this",
    "throw",
    "true",
    "try",
    "typealias",
    "typeof",
    "val",
    "var",
    "when",
];
