//! One transaction: its connection, and what is known about what it sees.

use std::collections::BTreeSet;

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::cache::Cache;
use super::link::{Answer, Link, Step};
use super::value;
use crate::error::Result;
use crate::store::record::EndpointId;

pub(super) struct Tx<'t> {
    pub(super) link: &'t Link,
    pub(super) cache: &'t mut Cache,
    /// What others are told after the commit.
    pub(super) news: News,
    stage: Stage,
    sync: bool,
}

#[derive(PartialEq)]
enum Stage {
    /// It begins with its first statements.
    New,
    Open,
    /// Whether it was committed is not known if it fails from here on.
    Committing,
    Committed,
}

/// What a transaction changed that others may have to know.
#[derive(Default, PartialEq, Eq)]
pub(super) struct News {
    /// Got deliveries that are due.
    pub(super) due: BTreeSet<EndpointId>,
    /// Were changed.
    pub(super) endpoints: BTreeSet<EndpointId>,
    /// There are new jobs.
    pub(super) jobs: bool,
}

impl<'t> Tx<'t> {
    pub(super) fn new(link: &'t Link, cache: &'t mut Cache, sync: bool) -> Self {
        Self { link, cache, news: News::default(), stage: Stage::New, sync }
    }

    /// Whether it may have been committed.
    pub(super) fn is_committing(&self) -> bool {
        self.stage == Stage::Committing
    }

    /// Runs statements in one go.
    pub(super) fn run(&mut self, steps: Vec<Step<'_>>) -> Result<Vec<Answer>> {
        if self.stage != Stage::New {
            return self.link.run(&steps);
        }
        let mut all = vec![Step::new("BEGIN", &[])];
        if !self.sync {
            all.push(Step::new("SET LOCAL synchronous_commit = off", &[]));
        }
        all.push(Step::new("SELECT version FROM config", &[]));
        let before = all.len();
        all.extend(steps);
        let mut answers = self.link.run(&all)?;
        self.stage = Stage::Open;
        let own = answers.split_off(before);
        let version = answers.pop().and_then(|answer| answer.rows.into_iter().next());
        self.cache.see(version.map(|row| value::get(&row, 0)).transpose()?.unwrap_or_default());
        Ok(own)
    }

    /// Runs the last statements, and commits in the same go.
    pub(super) fn run_last(&mut self, mut steps: Vec<Step<'_>>) -> Result<Vec<Answer>> {
        if self.stage == Stage::New {
            self.run(Vec::new())?;
        }
        steps.push(Step::new("COMMIT", &[]));
        self.stage = Stage::Committing;
        let mut answers = self.link.run(&steps)?;
        answers.pop();
        self.stage = Stage::Committed;
        Ok(answers)
    }

    pub(super) fn commit(&mut self) -> Result<()> {
        if self.stage == Stage::Open {
            self.run_last(Vec::new())?;
        }
        Ok(())
    }

    pub(super) fn query(&mut self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>> {
        let mut answers = self.run(vec![Step::new(sql, values)])?;
        Ok(answers.pop().map(|answer| answer.rows).unwrap_or_default())
    }

    /// The first row, if there is one.
    pub(super) fn first(&mut self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Option<Row>> {
        Ok(self.query(sql, values)?.into_iter().next())
    }

    /// Runs a statement; how many rows it changed.
    pub(super) fn execute(&mut self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<u64> {
        let mut answers = self.run(vec![Step::new(sql, values)])?;
        Ok(answers.pop().map(|answer| answer.affected).unwrap_or_default())
    }
}

impl Drop for Tx<'_> {
    /// Nobody goes on with what a panic left half done.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.link.abandon();
        }
    }
}
