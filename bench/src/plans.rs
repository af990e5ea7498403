//! The rows before they are measured: what is asked of whom, in which order, against which limits.

use crate::requests::{COUNTS, FILTERS, MORE_LISTS, SEARCHES, SORTS};

/// The bodies of a row's requests.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    Get,
    List,
    Query(&'static str, &'static str),
    Count(&'static str),
    Search(&'static str),
    Update,
    Create,
}

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The machine.
    Limits,
    /// The machine with a copy of the product's data.
    DataLimits,
    /// The product on SQLite.
    Product,
    /// The product on PostgreSQL.
    OnPostgres,
    /// PostgreSQL by itself.
    Pgbench,
    /// PostgreSQL by itself with a copy of the product's data.
    PgbenchOnData,
}

/// A row before it is measured.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) name: String,
    /// The rows that are its limits.
    pub(crate) limits: Vec<String>,
    pub(crate) who: Who,
    pub(crate) path: &'static str,
    pub(crate) body: Body,
    pub(crate) connections: usize,
    /// At half the rate of the first limit.
    pub(crate) at_half: bool,
}

impl Plan {
    fn limit(name: &str, who: Who, path: &'static str, body: Body, connections: usize) -> Self {
        let name = name.to_owned();
        Self { name, limits: Vec::new(), who, path, body, connections, at_half: false }
    }

    fn row(
        name: &str,
        limits: &[&str],
        path: &'static str,
        body: Body,
        connections: usize,
    ) -> Self {
        let limits = limits.iter().map(|&limit| limit.to_owned()).collect();
        let (name, who) = (name.to_owned(), Who::Product);
        Self { name, limits, who, path, body, connections, at_half: false }
    }

    pub(crate) const fn is_query(&self) -> bool {
        matches!(self.body, Body::Query(..) | Body::Count(_) | Body::Search(_))
    }

    /// Whether it needs PostgreSQL.
    pub(crate) const fn is_on_postgres(&self) -> bool {
        matches!(self.who, Who::OnPostgres | Who::Pgbench | Who::PgbenchOnData)
    }

    /// Whether it writes what the product would write.
    pub(crate) const fn is_same(&self) -> bool {
        matches!(self.who, Who::DataLimits | Who::PgbenchOnData)
            && matches!(self.body, Body::Update | Body::Create)
    }
}

/// All rows. A row comes right after its limits, so that all find the machine in the same
/// condition; and rows that read come before those that write.
pub(crate) fn plans() -> Vec<Plan> {
    use Who::{DataLimits, Limits};
    let mut plans = vec![
        Plan::limit("static/get", Limits, "/static/get", Body::Get, 16),
        Plan::limit("one-row/get", DataLimits, "/one-row/get", Body::Get, 16),
        Plan::row("get", &["static/get", "one-row/get"], "/works.get", Body::Get, 16),
        Plan::limit("static/list", Limits, "/static/list", Body::List, 16),
        Plan::row("list", &["static/list"], "/works.list", Body::List, 16),
    ];
    plans.extend(lists_and_counts(""));
    for connections in [16, 64, 256] {
        let bare = format!("commit/{connections}");
        plans.push(Plan::limit(&bare, Limits, "/commit", Body::Update, connections));
        let same = format!("same/update/{connections}");
        plans.push(Plan::limit(&same, DataLimits, "/same/update", Body::Update, connections));
        let name = format!("update/{connections}");
        let row = |name: &str, limits: &[&str]| {
            Plan::row(name, limits, "/works.update", Body::Update, connections)
        };
        plans.push(row(&name, &[&bare, &same]));
        if connections == 16 {
            plans.push(Plan { at_half: true, ..row("update/half", &[&bare]) });
        }
    }
    let limits = ["insert/16", "same/create/16"];
    plans.push(Plan::limit(limits[0], Limits, "/insert", Body::Create, 16));
    plans.push(Plan::limit(limits[1], DataLimits, "/same/create", Body::Create, 16));
    plans.push(Plan::row("create", &limits, "/works.create", Body::Create, 16));
    plans.extend(on_postgres());
    plans
}

/// The rows on PostgreSQL. Rows that read are also compared with the same on SQLite, in the same
/// run.
fn on_postgres() -> Vec<Plan> {
    let bench = |name: &str, who, body| Plan::limit(name, who, "", body, 16);
    let mut plans = vec![
        bench("pg/one-row/get", Who::PgbenchOnData, Body::Get),
        Plan::row("pg/get", &["get", "pg/one-row/get"], "/works.get", Body::Get, 16),
        Plan::row("pg/list", &["list"], "/works.list", Body::List, 16),
    ];
    plans.extend(lists_and_counts("pg/"));
    plans.push(bench("pg/bench/16", Who::Pgbench, Body::Update));
    plans.push(bench("pg/same/update/16", Who::PgbenchOnData, Body::Update));
    let limits = ["pg/bench/16", "pg/same/update/16"];
    plans.push(Plan::row("pg/update/16", &limits, "/works.update", Body::Update, 16));
    plans.push(bench("pg/same/create/16", Who::PgbenchOnData, Body::Create));
    let limits = ["insert/16", "pg/same/create/16"];
    plans.push(Plan::row("pg/create", &limits, "/works.create", Body::Create, 16));
    let who = |plan: Plan| match plan.who {
        Who::Product => Plan { who: Who::OnPostgres, ..plan },
        _ => plan,
    };
    plans.into_iter().map(who).collect()
}

/// The lists with each sort, the counts of groups, and the searches.
fn lists_and_counts(on: &str) -> impl Iterator<Item = Plan> {
    let each = FILTERS.into_iter().flat_map(|filter| SORTS.map(|sort| (filter, sort)));
    let lists = each.chain(MORE_LISTS).map(move |(filter, sort)| {
        let name = format!("{on}{}", query_name(filter, sort));
        Plan::row(&name, &[], "/works.list", Body::Query(filter, sort), 1)
    });
    let counts = COUNTS.into_iter().map(move |of| {
        Plan::row(&format!("{on}count/{of}"), &[], "/works.count", Body::Count(of), 1)
    });
    let searches = SEARCHES.into_iter().map(move |of| {
        Plan::row(&format!("{on}search/{of}"), &[], "/search.core", Body::Search(of), 1)
    });
    lists.chain(counts).chain(searches)
}

/// The name of the row for a filter and a sort.
pub(crate) fn query_name(filter: &str, sort: &str) -> String {
    format!("query/{filter} {sort}")
}

/// Whether a row is requested.
pub(crate) fn is_asked(only: &[String], name: &str) -> bool {
    only.is_empty() || only.iter().any(|start| name.starts_with(start))
}

/// The requested rows, and their limits.
pub(crate) fn chosen(plans: Vec<Plan>, only: &[String]) -> Result<Vec<Plan>, String> {
    let others = ["fdatasync", "import"];
    let all: Vec<&str> = plans.iter().map(|plan| plan.name.as_str()).chain(others).collect();
    if let Some(odd) = only.iter().find(|start| !all.iter().any(|name| name.starts_with(*start))) {
        let names = "fdatasync, static, one-row, get, list, query, count, search, commit, same, \
                     update, insert, create, pg, import";
        return Err(format!("--only {odd}: no row begins so; there are {names}"));
    }
    let asked = plans.iter().filter(|plan| is_asked(only, &plan.name));
    let names: Vec<String> =
        asked.flat_map(|plan| std::iter::once(&plan.name).chain(&plan.limits).cloned()).collect();
    Ok(plans.into_iter().filter(|plan| names.contains(&plan.name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &[&str]) -> Vec<String> {
        let only: Vec<_> = only.iter().map(|&start| start.to_owned()).collect();
        chosen(plans(), &only).unwrap().into_iter().map(|plan| plan.name).collect()
    }

    #[test]
    fn every_row_has_limits_that_come_before_it() {
        let plans = plans();
        for (at, plan) in plans.iter().enumerate() {
            let is_there = |limit: &String| plans[..at].iter().any(|before| before.name == *limit);
            assert!(plan.limits.iter().all(is_there), "{}", plan.name);
        }
        assert_eq!(plans.iter().filter(|plan| plan.is_query()).count(), 122);
        // SQLite is done with once PostgreSQL begins.
        let first = plans.iter().position(Plan::is_on_postgres).unwrap();
        assert!(plans[first..].iter().all(Plan::is_on_postgres));
    }

    #[test]
    fn a_row_that_is_asked_for_brings_its_limits() {
        assert_eq!(names(&["get"]), ["static/get", "one-row/get", "get"]);
        assert_eq!(names(&["update/half", "create"]).len(), 5);
        assert_eq!(names(&["pg/update"]), ["pg/bench/16", "pg/same/update/16", "pg/update/16"]);
        assert!(names(&["import"]).is_empty());
        assert_eq!(names(&[]).len(), plans().len());
        assert!(chosen(plans(), &["no".to_owned()]).is_err());
    }
}
