//! The digest of a row: a signature of 128 bits over what lists filter by. It is kept in the
//! indexes that lists are walked along, so that most rows which do not match are skipped without
//! being read.
//!
//! A row's *terms* are `name=value` for the columns and the references that its table declares in
//! [`Table::digest`]. Each term sets two bits in each half. A row whose digest lacks a bit of a
//! term does not have the term; otherwise it probably has it, and is read. Digests are stored:
//! changing the hash or the terms requires a rebuild of the table.

use crate::derive::Derived;
use crate::row::{ColumnType, Meta, Table, TableColumn, Value};

/// The columns that hold a digest.
pub const DIGEST: [TableColumn; 2] = [
    TableColumn::new("digest_1", ColumnType::Integer),
    TableColumn::new("digest_2", ColumnType::Integer),
];

/// The two halves of a digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest(pub [i64; 2]);

impl Digest {
    /// The bits of one term; `None` for a value that is no term.
    pub fn of_term(name: &str, value: &Value) -> Option<Self> {
        let hash = match value {
            Value::Text(text) => hash(&[name, "=", text]),
            Value::Integer(integer) => hash(&[name, "=", &integer.to_string()]),
            Value::Real(_) | Value::Null => return None,
        };
        let bit = |at: u32| 1_u64 << ((hash >> at) & 63);
        Some(Self([bit(0) | bit(6), bit(12) | bit(18)].map(u64::cast_signed)))
    }

    /// The bits of a value of a custom field: only two, since a row may have many.
    pub fn of_prop(path: &str, key: &str) -> Self {
        let hash = hash(&["custom.", path, "=", key]);
        Self([0, 12].map(|at| (1_u64 << ((hash >> at) & 63)).cast_signed()))
    }

    /// The digest of a row.
    pub fn of_row(table: &Table, meta: &Meta, derived: &Derived) -> Self {
        let mut digest = Self::default();
        let mut add_bits = |Self([one, two])| {
            digest.0[0] |= one;
            digest.0[1] |= two;
        };
        derived.props.iter().for_each(|prop| add_bits(Self::of_prop(&prop.path, &prop.key)));
        let mut add = |name: &str, value: &Value| {
            Self::of_term(name, value).into_iter().for_each(&mut add_bits);
        };
        for &name in table.digest {
            let at = table.columns.iter().position(|column| column.name == name);
            if let Some(value) = at.and_then(|at| derived.columns.get(at)) {
                add(name, value);
            } else if let Some(value) = meta_value(meta, name) {
                add(name, &value);
            } else {
                let own = derived.refs.iter().filter(|(field, _)| *field == name);
                own.for_each(|(_, id)| add(name, &id.into()));
            }
        }
        digest
    }
}

/// The meta columns that may be terms. `modified_at` and `modified_by` are not among them, because
/// then each change would touch every index that contains the digest.
fn meta_value(meta: &Meta, name: &str) -> Option<Value> {
    match name {
        "kind" => Some(meta.id.kind().noun().into()),
        "created_by" => Some(Value::from(&meta.created_by)),
        _ => None,
    }
}

/// FNV-1a, followed by a mixing of the bits: terms of one column often differ only in their last
/// letter, which FNV-1a alone spreads over few bits.
fn hash(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes());
    let fnv = bytes.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    let mixed = (fnv ^ (fnv >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    mixed ^ (mixed >> 29)
}

impl Table {
    /// The columns besides the meta and the document: the promoted ones, then those of the digest.
    pub fn stored_columns(&self) -> impl Iterator<Item = TableColumn> {
        let digest: &[TableColumn] = if self.digest.is_empty() { &[] } else { &DIGEST };
        self.columns.iter().chain(digest).copied()
    }
}

impl Derived {
    /// The values of [`Table::kept`].
    pub fn stored_values(&self, table: &Table, meta: &Meta) -> Vec<Value> {
        let mut values = self.columns.clone();
        if !table.digest.is_empty() {
            values.extend(Digest::of_row(table, meta, self).0.map(Value::Integer));
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use worksmith_wire::{Id, Kind, Timestamp};

    use super::*;
    use crate::props::Prop;

    #[test]
    fn the_bits_of_a_term_never_change() {
        let bits = |name, value: Value| Digest::of_term(name, &value).map(|digest| digest.0);
        assert_eq!(
            bits("tags", "tag/1".into()),
            Some([144_119_586_122_366_976, 281_474_976_710_658])
        );
        assert_eq!(
            bits("priority", 2_i64.into()),
            Some([144_115_188_076_118_016, 144_396_663_052_566_528])
        );
        assert_eq!(bits("priority", "2".into()), bits("priority", 2_i64.into()));
        assert_eq!(bits("kind", "issue".into()), Some([175_921_860_444_160, 2_049]));
        assert_eq!(bits("priority", Value::Null), None);
        assert_eq!(bits("priority", 0.5.into()), None);
    }

    #[test]
    fn terms_that_differ_in_one_letter_have_bits_of_their_own() {
        let terms = (0..1000).filter_map(|n| Digest::of_term("tags", &format!("tag/{n}").into()));
        let distinct: HashSet<_> = terms.map(|digest| digest.0).collect();
        assert!(distinct.len() > 990, "{}", distinct.len());
    }

    #[test]
    fn a_row_has_the_terms_that_its_table_declares() {
        static TABLE: Table = Table {
            name: "works",
            kinds: &[Kind::Issue],
            columns: &[
                TableColumn::new("title", ColumnType::Text),
                TableColumn::new("stage", ColumnType::Text),
            ],
            filters: &[],
            whole: &[],
            sorts: &[],
            digest: &["kind", "created_by", "stage", "tags"],
            carried: None,
            long: None,
            tallied: &[],
        };
        let by = Id::numbered(Kind::DevUser, 1);
        let meta = Meta {
            id: Id::numbered(Kind::Issue, 7),
            revision: 1,
            created_at: Timestamp(1),
            created_by: by.clone(),
            modified_at: Timestamp(1),
            modified_by: by,
        };
        let tags = [1, 2].map(|number| ("tags", Id::numbered(Kind::Tag, number)));
        let derived = Derived {
            columns: vec!["a title".into(), "custom_stage/3".into()],
            refs: [&tags[..], &[("artifacts", Id::numbered(Kind::Artifact, 9))]].concat(),
            names: Vec::new(),
            props: vec![Prop { path: "cost".into(), key: "nc014".into(), is_least: true }],
        };
        let terms = [
            ("kind", "issue"),
            ("created_by", "dev_user/1"),
            ("stage", "custom_stage/3"),
            ("tags", "tag/1"),
            ("tags", "tag/2"),
        ];
        let mut expected = Digest::default();
        for (name, value) in terms {
            let Digest([one, two]) = Digest::of_term(name, &value.into()).unwrap();
            expected = Digest([expected.0[0] | one, expected.0[1] | two]);
        }
        let Digest([one, two]) = Digest::of_prop("cost", "nc014");
        assert_eq!((one.count_ones(), two.count_ones()), (1, 1));
        let expected = Digest([expected.0[0] | one, expected.0[1] | two]);
        assert_eq!(Digest::of_row(&TABLE, &meta, &derived), expected);
    }
}
