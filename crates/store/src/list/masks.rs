//! What conditions require of a row's digest. A row whose digest lacks it does not match; others
//! may.

use worksmith_kernel::erased::Cond;
use worksmith_kernel::{Digest, Keys, Table, Value};

use crate::layout::Sql;

/// More alternatives than this cost as much as reading the row.
const ALTERNATIVES_MAX: usize = 12;

/// The bits that the digest of a matching row has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Masks {
    /// Bits that it has in any case.
    all: Digest,
    /// For each of these lists, it has all bits of at least one entry.
    any: Vec<Vec<Digest>>,
}

impl Masks {
    /// What conditions require that must all hold; `None` if they require nothing of the digest.
    pub(crate) fn of(table: &Table, conds: &[Cond]) -> Option<Self> {
        let each = conds.iter().filter_map(|cond| Self::of_one(table, cond));
        each.reduce(|mut masks, other| {
            masks.all = both(masks.all, other.all);
            masks.any.extend(other.any);
            masks
        })
    }

    fn of_one(table: &Table, cond: &Cond) -> Option<Self> {
        match cond {
            Cond::OneOf(name, values) if table.digest.contains(name) => {
                let values = values.iter().filter(|value| **value != Value::Null);
                let terms = values.map(|value| Digest::of_term(name, value));
                Self::alternatives(terms.collect::<Option<_>>()?)
            }
            // If a column and a field share a name, the terms are those of the column.
            Cond::RefersTo(name, ids)
                if table.digest.contains(name) && table.columns.iter().all(|c| c.name != *name) =>
            {
                let terms = ids.iter().map(|id| Digest::of_term(name, &id.into()));
                Self::alternatives(terms.collect::<Option<_>>()?)
            }
            Cond::Prop(path, has) if !table.digest.is_empty() => match has.keys() {
                Keys::OneOf(keys) => {
                    let terms = keys.iter().map(|key| Digest::of_prop(path, key));
                    Self::alternatives(terms.collect())
                }
                _ => None,
            },
            Cond::All(conds) => Self::of(table, conds),
            Cond::Any(conds) => {
                let each = conds.iter().map(|cond| Self::of_one(table, cond)?.weakened());
                Self::alternatives(each.collect::<Option<Vec<_>>>()?.concat())
            }
            _ => None,
        }
    }

    fn alternatives(mut terms: Vec<Digest>) -> Option<Self> {
        match terms.len() {
            1 => Some(Self { all: terms.remove(0), any: Vec::new() }),
            2..=ALTERNATIVES_MAX => Some(Self { all: Digest::default(), any: vec![terms] }),
            _ => None,
        }
    }

    /// A list of alternatives that follows from this.
    fn weakened(mut self) -> Option<Vec<Digest>> {
        if self.all == Digest::default() { self.any.pop() } else { Some(vec![self.all]) }
    }

    /// Adds this to the conditions of a statement, in which the halves of the digest are columns of
    /// these names.
    pub(crate) fn push(&self, sql: &mut Sql, columns: [&str; 2]) {
        let one = |sql: &mut Sql, digest: &Digest| {
            for (at, (column, bits)) in columns.iter().zip(digest.0).enumerate() {
                sql.push(if at == 0 { "(" } else { " AND " });
                sql.push(&format!("({column} & ")).bind(bits).push(") = ").bind(bits);
            }
            sql.push(")");
        };
        if self.all != Digest::default() {
            sql.push(" AND ");
            one(sql, &self.all);
        }
        for alternatives in &self.any {
            sql.push(" AND (").separated(" OR ", alternatives, one).push(")");
        }
    }
}

fn both(Digest([a, b]): Digest, Digest([c, d]): Digest) -> Digest {
    Digest([a | c, b | d])
}

#[cfg(test)]
mod tests {
    use worksmith_kernel::{ColumnType, TableColumn};
    use worksmith_wire::{Id, Kind};

    use super::*;

    static TABLE: Table = Table {
        name: "works",
        kinds: &[Kind::Issue],
        columns: &[
            TableColumn::new("stage", ColumnType::Text),
            TableColumn::new("title", ColumnType::Text),
        ],
        filters: &[],
        whole: &[],
        sorts: &[],
        digest: &["stage", "tags"],
        carried: None,
        long: None,
        tallied: &[],
    };

    fn term(name: &str, value: &str) -> Digest {
        Digest::of_term(name, &value.into()).unwrap()
    }

    #[test]
    fn single_values_make_one_mask_and_several_make_alternatives() {
        let stage = Cond::is("stage", "a");
        let tag = Cond::RefersTo("tags", vec![Id::numbered(Kind::Tag, 1)]);
        let one = Masks { all: term("stage", "a"), any: Vec::new() };
        assert_eq!(Masks::of(&TABLE, std::slice::from_ref(&stage)), Some(one));
        let all = both(term("stage", "a"), term("tags", "tag/1"));
        let two = Masks { all, any: Vec::new() };
        assert_eq!(Masks::of(&TABLE, &[stage.clone(), tag.clone()]), Some(two.clone()));
        assert_eq!(Masks::of(&TABLE, &[Cond::All(vec![stage.clone(), tag.clone()])]), Some(two));
        let either = Masks {
            all: Digest::default(),
            any: vec![vec![term("stage", "a"), term("tags", "tag/1")]],
        };
        assert_eq!(Masks::of(&TABLE, &[Cond::Any(vec![stage, tag])]), Some(either));
    }

    #[test]
    fn what_makes_no_terms_asks_nothing() {
        let many = (0..13_i64).map(Value::Integer).collect();
        for cond in [
            Cond::is("title", "a"),
            Cond::IsNull("stage"),
            Cond::Not(Box::new(Cond::is("stage", "a"))),
            Cond::is("stage", 0.5),
            Cond::OneOf("stage", many),
            Cond::OneOf("stage", Vec::new()),
            Cond::RefersTo("stage", vec![Id::numbered(Kind::CustomStage, 1)]),
            Cond::Any(vec![Cond::is("stage", "a"), Cond::is("title", "a")]),
            Cond::always(),
            Cond::never(),
        ] {
            assert_eq!(Masks::of(&TABLE, std::slice::from_ref(&cond)), None, "{cond:?}");
        }
    }
}
