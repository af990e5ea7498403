//! The kept numbers of objects by their values, as they follow from the tables: for filling them
//! anew. Batches keep them up to date (`statements.rs`).

use worksmith_kernel::Table;

use super::ddl::of_noun;

/// The statements that count everything of a table anew.
pub(crate) fn refill(table: &Table) -> Vec<String> {
    let forget = format!("DELETE FROM tallies WHERE kept_in = '{}'", table.name);
    std::iter::once(forget).chain(fill(table)).collect()
}

/// The statement that fills in all tallies of a table, as its rows and references give them. It
/// reads the rows once, since they are long, and counts what it has kept of them. Rows and
/// references are many, so only their numbers are joined: those that refer to nothing are all, less
/// those that refer to something.
fn fill(table: &Table) -> Option<String> {
    if table.tallied.is_empty() {
        return None;
    }
    let name = table.name;
    let is_column = |field: &&str| table.columns.iter().any(|column| column.name == *field);
    let (columns, fields): (Vec<&str>, Vec<&str>) =
        table.tallied.iter().copied().partition(is_column);
    let kept = ["org", "kind"].iter().chain(&columns).copied().collect::<Vec<_>>().join(", ");
    let mut all = vec![format!("SELECT org, '{name}', '', kind, '', number FROM every")];
    all.extend(columns.iter().map(|column| {
        format!(
            "SELECT org, '{name}', '{column}', kind, '=' || CAST({column} AS TEXT), count(*)
             FROM own WHERE {column} IS NOT NULL GROUP BY org, kind, {column}"
        )
    }));
    let when = |noun: &str| format!("WHEN {} THEN '{noun}'", of_noun("from_id", noun));
    let kinds = table.kinds.iter().map(|kind| when(kind.noun())).collect::<Vec<_>>().join(" ");
    for field in fields {
        let of_field = format!(
            "(SELECT org, from_id, to_id, CASE {kinds} END AS kind FROM refs
             WHERE field = '{field}') AS referring"
        );
        all.push(format!(
            "SELECT org, '{name}', '{field}', kind, '=' || to_id, count(*) FROM {of_field}
             WHERE kind IS NOT NULL GROUP BY org, kind, to_id"
        ));
        all.push(format!(
            "SELECT every.org, '{name}', '{field}', every.kind, '',
             every.number - coalesce(counted.number, 0) FROM every
             LEFT JOIN (SELECT org, kind, count(DISTINCT from_id) AS number FROM {of_field}
             WHERE kind IS NOT NULL GROUP BY org, kind) AS counted
             ON counted.org = every.org AND counted.kind = every.kind
             WHERE every.number > coalesce(counted.number, 0)"
        ));
    }
    Some(format!(
        "WITH own AS MATERIALIZED (SELECT {kept} FROM {name}),
         every AS MATERIALIZED (SELECT org, kind, count(*) AS number FROM own GROUP BY org, kind)
         INSERT INTO tallies (org, kept_in, field, kind, value, number) {}",
        all.join(" UNION ALL ")
    ))
}
