//! What was recorded, as a function of the database: a call of it is one transaction that runs the
//! statements of one work. Their values are in a table beside, where the function finds them by a
//! key, because pgbench itself knows no texts.

use std::fmt::Write as _;

use worksmith_kernel::{ColumnType, Value};
use worksmith_test_postgres::Database;
use worksmith_wire::{Id, Kind};

use super::literal;
use crate::recorded::{Recorded, Slot, Statement, Step};

/// The function: the place of the work, the turn, how often all turns were run before, the number
/// of the event, and the number of a new work.
pub(super) const FUNCTION: &str = "run_recorded";
/// The turn that creates a work.
pub(super) const CREATE: usize = 2;
/// How many rows are added at once.
const TOGETHER: usize = 100;

/// What was recorded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Same {
    /// How many works are changed.
    pub(super) works: u64,
    /// How many different works are created.
    pub(super) created: u64,
    /// The highest number of an issue.
    pub(super) last: u64,
}

/// Creates the function and its table.
pub(super) fn prepare(database: &Database, recorded: &Recorded) -> Result<Same, String> {
    // The values are stored as they come from a client: not compressed.
    database.ask(
        "CREATE TABLE recorded (place bigint, turn bigint, form bigint, revision bigint,
         texts text[], PRIMARY KEY (place, turn));
         ALTER TABLE recorded ALTER COLUMN texts SET STORAGE EXTERNAL;",
    );
    let mut forms: Vec<String> = Vec::new();
    let mut rows: Vec<String> = Vec::new();
    let works = recorded.works.iter().map(|work| (work.revision, &work.turns[..]));
    let changed = works.enumerate().flat_map(|(place, (revision, turns))| {
        turns.iter().enumerate().map(move |(turn, steps)| (place, turn, revision, steps))
    });
    let created = recorded.created.iter().enumerate();
    let created = created.map(|(place, steps)| (place, CREATE, 0, steps));
    for (place, turn, revision, steps) in changed.chain(created) {
        let form = form(&recorded.statements, steps);
        let known = forms.iter().position(|known| *known == form);
        let form = known.unwrap_or_else(|| {
            forms.push(form);
            forms.len() - 1
        });
        rows.push(format!("({place}, {turn}, {form}, {revision}, {})", texts(steps)));
        if rows.len() == TOGETHER {
            database.ask(&format!("INSERT INTO recorded VALUES {}", rows.join(", ")));
            rows.clear();
        }
    }
    if !rows.is_empty() {
        database.ask(&format!("INSERT INTO recorded VALUES {}", rows.join(", ")));
    }
    database.ask(&function(&forms));
    let count = |length: usize| u64::try_from(length).map_err(|cause| cause.to_string());
    let (works, created) = (count(recorded.works.len())?, count(recorded.created.len())?);
    Ok(Same { works, created, last: recorded.last })
}

/// The function that runs works of these forms. Each statement must find its row.
fn function(forms: &[String]) -> String {
    let mut cases = String::new();
    for (at, form) in forms.iter().enumerate() {
        let _ = write!(cases, "WHEN {at} THEN\n{form}");
    }
    format!(
        "CREATE FUNCTION {FUNCTION}(
             my_place bigint, my_turn bigint, my_pass bigint, my_event bigint, my_number bigint)
         RETURNS void LANGUAGE plpgsql AS $body$
         DECLARE
             my_form bigint;
             my_revision bigint;
             my_texts text[];
             my_at bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
         BEGIN
             SELECT form, revision + my_pass + 1, texts INTO my_form, my_revision, my_texts
             FROM recorded WHERE place = my_place AND turn = my_turn;
             CASE my_form\n{cases}END CASE;
         END $body$"
    )
}

/// The statements of a work, whose fixed values are elements of an array. Works with the same
/// statements have the same form.
fn form(statements: &[Statement], steps: &[Step]) -> String {
    let (mut text, mut fixed) = (String::new(), 0);
    for Step { statement, slots } in steps {
        let Statement { sql, types } = &statements[*statement];
        let places = slots.iter().zip(types).map(|(slot, kind)| match slot {
            Slot::Fixed(_) => {
                fixed += 1;
                format!("my_texts[{fixed}]::{}", type_name(*kind))
            }
            Slot::Revision => "my_revision".to_owned(),
            Slot::RevisionBefore => "(my_revision - 1)".to_owned(),
            Slot::At => "my_at".to_owned(),
            Slot::Event => "my_event".to_owned(),
            Slot::Id => {
                let one = Id::numbered(Kind::Issue, 1).to_string();
                format!("({} || my_number)", literal(one.trim_end_matches('1')))
            }
            Slot::Number => "my_number".to_owned(),
        });
        let places: Vec<String> = places.collect();
        let mut sql = sql.clone();
        // The last first, because `$1` is also the beginning of `$10`.
        for (at, place) in places.iter().enumerate().rev() {
            sql = sql.replace(&format!("${}", at + 1), place);
        }
        let _ = writeln!(text, "{sql};\nIF NOT FOUND THEN RAISE 'no row'; END IF;");
    }
    text
}

/// The fixed values of a work, as an array.
fn texts(steps: &[Step]) -> String {
    let slots = steps.iter().flat_map(|step| &step.slots);
    let values = slots.filter_map(|slot| match slot {
        Slot::Fixed(value) => Some(match value {
            Value::Null => "NULL".to_owned(),
            Value::Integer(integer) => literal(&integer.to_string()),
            Value::Real(real) => literal(&format!("{real:?}")),
            Value::Text(text) => literal(text),
        }),
        _ => None,
    });
    format!("ARRAY[{}]::text[]", values.collect::<Vec<_>>().join(", "))
}

const fn type_name(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Integer => "bigint",
        ColumnType::Real => "double precision",
        ColumnType::Text => "text",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use worksmith_work::works::Work;

    use super::*;
    use crate::{data, recorded};

    fn fixed(value: impl Into<Value>) -> Slot {
        Slot::Fixed(value.into())
    }

    #[test]
    fn statements_take_their_values_from_the_array() {
        let statements = [Statement {
            sql: "INSERT INTO t (a, b, c) VALUES ($1, $2, $3)".to_owned(),
            types: vec![ColumnType::Text, ColumnType::Integer, ColumnType::Real],
        }];
        let slots = vec![fixed("it's"), Slot::Event, fixed(0.5)];
        let steps = [Step { statement: 0, slots }];
        let form = form(&statements, &steps);
        let values = "VALUES (my_texts[1]::text, my_event, my_texts[2]::double precision);";
        assert!(form.contains(values), "{form}");
        assert_eq!(texts(&steps), "ARRAY['it''s', '0.5']::text[]");
        assert!(function(&[form]).contains("WHEN 0 THEN\nINSERT INTO t"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_store_finds_what_the_function_has_written_as_it_would_have() {
        let Some(server) = worksmith_test_postgres::shared() else { return };
        let database = server.database();
        let engine = data::open_on_postgres(&database.url()).await.unwrap();
        let catalog = Arc::new(Box::pin(data::make(&engine, 40)).await.unwrap());
        let recorded = recorded::record(&engine, &catalog, 3000).await.unwrap();
        let same = prepare(&database, &recorded).unwrap();
        let last: u64 = {
            let rows = database.ask("SELECT max(seq) FROM events");
            rows[0][0].as_ref().unwrap().parse().unwrap()
        };
        let mut calls = String::new();
        for pass in 0..3 {
            for place in 0..same.works {
                let event = last + 1 + pass * same.works + place;
                let turn = pass % 2;
                let _ = write!(calls, "SELECT {FUNCTION}({place}, {turn}, {pass}, {event}, 0);");
            }
        }
        for more in 1..=70 {
            let (place, number) = (more % same.created, same.last + more);
            let event = last + 3 * same.works + more;
            let call = format!("{FUNCTION}({place}, {CREATE}, 0, {event}, {number})");
            let _ = write!(calls, "SELECT {call};");
        }
        database.ask(&calls);
        // These are no statements of a batch: the numbers of the last event and the last work.
        database.ask("UPDATE logs SET seq = (SELECT max(seq) FROM events)");
        database.ask("UPDATE counters SET value = value + 70 WHERE kind = 'issue'");
        let org = recorded::caller(&engine, &catalog).await.unwrap().org.org;
        let work = engine.peek::<Work>(&org, &Id::numbered(Kind::Issue, 1)).await.unwrap();
        assert_eq!(work.unwrap().meta.revision, 6);
        assert_eq!(engine.store().check(&mut |_, _| {}).await, Vec::<String>::new());
    }
}
