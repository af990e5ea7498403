//! The kept numbers of objects by their values, as they follow from the tables: for filling them
//! anew, and for checking them. Batches keep them up to date (`statements.rs`).

use worksmith_kernel::Table;

use super::ddl::of_noun;

/// The columns of a tally.
pub(crate) const COLUMNS: &str = "org, kept_in, field, kind, value, number";

/// The statements that count everything of a table anew.
pub(crate) fn refill(table: &Table) -> Vec<String> {
    let mut statements = vec![format!("DELETE FROM tallies WHERE kept_in = '{}'", table.name)];
    let counted = counted(table).into_iter();
    statements.extend(counted.map(|select| format!("INSERT INTO tallies ({COLUMNS}) {select}")));
    statements
}

/// The selections of all tallies of a table, as its rows and references give them.
pub(crate) fn counted(table: &Table) -> Vec<String> {
    if table.tallied.is_empty() {
        return Vec::new();
    }
    let name = table.name;
    let rows = |field: &str, value: &str, which: &str, by: &str| {
        format!(
            "SELECT org, '{name}', '{field}', kind, {value}, count(*) FROM {name}{which}
             GROUP BY org, {by}kind"
        )
    };
    let mut all = vec![rows("", "''", "", "")];
    for field in table.tallied {
        if table.columns.iter().any(|column| column.name == *field) {
            let value = format!("'=' || CAST({field} AS TEXT)");
            let which = format!(" WHERE {field} IS NOT NULL");
            all.push(rows(field, &value, &which, &format!("{field}, ")));
            continue;
        }
        all.extend(table.kinds.iter().map(|kind| {
            let (noun, of_kind) = (kind.noun(), of_noun("from_id", kind.noun()));
            format!(
                "SELECT org, '{name}', '{field}', '{noun}', '=' || to_id, count(*) FROM refs
                 WHERE field = '{field}' AND {of_kind} GROUP BY org, to_id"
            )
        }));
        all.push(format!(
            "SELECT {name}.org, '{name}', '{field}', {name}.kind, '', count(*) FROM {name}
             LEFT JOIN (SELECT DISTINCT org, from_id FROM refs WHERE field = '{field}') AS referring
             ON referring.org = {name}.org AND referring.from_id = {name}.id
             WHERE referring.from_id IS NULL GROUP BY {name}.org, {name}.kind"
        ));
    }
    all
}
