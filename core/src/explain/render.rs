//! An explanation as lines for a terminal.

use crate::explain::explanation::{Explanation, Verdict};
use crate::explain::finding::{Certainty, Finding};

/// A verdict, and below it what was found: code and certainty, what is so, and what to do.
pub(crate) fn text(explanation: &Explanation, color: bool) -> String {
    let paint = Paint(color);
    let provider = explanation.provider();
    let mut lines = match explanation.verdict() {
        Verdict::Verified => vec![format!("{} ({provider})", paint.with(GREEN, "verified"))],
        Verdict::Refused(error) => {
            let head = paint.with(RED, &format!("refused: {}", error.code()));
            let mut lines = vec![format!("{head} ({provider})")];
            lines.extend(wrap(error.message(), "  ", "  "));
            lines
        }
    };
    for finding in explanation.findings() {
        lines.push(String::new());
        lines.extend(block(finding, &paint));
    }
    lines.join("\n")
}

fn block(finding: &Finding, paint: &Paint) -> Vec<String> {
    let certainty = finding.certainty();
    let style = match certainty {
        Certainty::Certain => GREEN,
        Certainty::Likely => YELLOW,
        Certainty::Possible => DIM,
    };
    let code = paint.with(BOLD, finding.code().as_str());
    let mut lines = vec![format!("  {}  {code}", paint.with(style, &format!("{certainty:<8}")))];
    lines.extend(wrap(finding.what(), INDENT, INDENT));
    let arrow = format!("{INDENT}-> ");
    let below = format!("{INDENT}   ");
    lines.extend(wrap(finding.remedy(), &arrow, &below));
    lines
}

/// Breaks a text into lines between words; a word that is longer than a line stands alone.
fn wrap(text: &str, first: &str, others: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut is_fresh = true;
    for word in text.split_whitespace() {
        if !is_fresh && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::replace(&mut line, others.to_owned()));
            is_fresh = true;
        }
        if !is_fresh {
            line.push(' ');
        }
        line.push_str(word);
        is_fresh = false;
    }
    if !is_fresh {
        lines.push(line);
    }
    lines
}

struct Paint(bool);

impl Paint {
    fn with(&self, style: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

const INDENT: &str = "            ";
const WIDTH: usize = 96;
const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "1;31";
const GREEN: &str = "1;32";
const YELLOW: &str = "1;33";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_between_words() {
        let text = "word ".repeat(40);
        let lines = wrap(&text, "-> ", "   ");
        assert!(lines.len() > 1 && lines.iter().all(|line| line.len() <= WIDTH));
        assert!(lines[0].starts_with("-> word") && lines[1].starts_with("   word"));
        let long = "x".repeat(200);
        assert_eq!(wrap(&long, "  ", "  "), [format!("  {long}")]);
        assert_eq!(wrap("", "  ", "  "), Vec::<String>::new());
    }
}
