//! The table at the end: what was measured beside what it should be.

#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<[String; 4]>,
}

impl Report {
    /// A figure that should be this or more.
    pub(crate) fn at_least(&mut self, what: impl Into<String>, measured: f64, goal: f64) {
        self.add(what, measured, format!("≥ {goal}"), measured >= goal);
    }

    /// A figure that should be this or less.
    pub(crate) fn at_most(&mut self, what: impl Into<String>, measured: f64, goal: f64) {
        self.add(what, measured, format!("≤ {goal}"), measured <= goal);
    }

    /// A figure without a goal.
    pub(crate) fn figure(&mut self, what: &str, measured: f64) {
        self.rows.push([what.to_owned(), format!("{measured:.3}"), String::new(), String::new()]);
    }

    /// Something that could not be measured here.
    pub(crate) fn skipped(&mut self, what: &str, why: &str) {
        self.rows.push([what.to_owned(), "–".to_owned(), why.to_owned(), "skipped".to_owned()]);
    }

    fn add(&mut self, what: impl Into<String>, measured: f64, goal: String, met: bool) {
        let verdict = if met { "met" } else { "missed" };
        let row = [what.into(), format!("{measured:.3}"), goal, verdict.to_owned()];
        println!("  {}: {} / {} {}\n", row[0], row[1], row[2], row[3]);
        self.rows.push(row);
    }

    pub(crate) fn print(&self) {
        println!("\n{:<72}{:>9}  {:<10}", "", "measured", "goal");
        for [what, measured, goal, verdict] in &self.rows {
            println!("{what:<72}{measured:>9}  {goal:<10}{verdict}");
        }
    }
}
