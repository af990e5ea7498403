//! The rows that are kept in memory: those that were read or written last are likely to be changed
//! next.

use std::sync::Arc;

use compact_str::CompactString;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use worksmith_kernel::RawRow;
use worksmith_wire::Id;

use crate::batch::{Batch, Change, ChangeOp, Row};
use crate::changes::{Changes, Dated, sources};
use crate::moment::Moment;

/// The total weight of all rows, in bytes.
const WEIGHT: u64 = 40 << 20;
/// About how long a row is.
const USUAL: u64 = 4096;
/// What a row weighs besides its document: its key, and what it was read from.
const OVERHEAD: u64 = 256;

type Key = (CompactString, Id);

#[derive(Clone)]
struct Weigh;

impl Weighter<Key, Dated<Arc<RawRow>>> for Weigh {
    fn weight(&self, _: &Key, kept: &Dated<Arc<RawRow>>) -> u64 {
        OVERHEAD + kept.value.doc.len() as u64
    }
}

/// Rows as they were last read or written here. A row that another server has changed since is
/// noticed when a batch asserts its revision.
pub(crate) struct Rows {
    pub(crate) changes: Arc<Changes>,
    rows: Cache<Key, Dated<Arc<RawRow>>, Weigh>,
}

impl Rows {
    pub(crate) fn new(changes: Arc<Changes>) -> Self {
        let items = usize::try_from(WEIGHT / USUAL).unwrap_or(1024);
        Self { changes, rows: Cache::with_weighter(items, WEIGHT, Weigh) }
    }

    /// The row of an object, as long as no change since is known here, and since when it is so.
    pub(crate) fn get(&self, org: &str, id: &Id) -> Option<(Arc<RawRow>, Moment)> {
        let kept = self.rows.get(&(org.into(), id.clone()))?;
        kept.holds(&self.changes, &[]).then_some((kept.value, kept.at))
    }

    pub(crate) fn put(&self, org: &str, row: Arc<RawRow>, at: Moment) {
        let sources = sources([self.changes.row(org, &row.meta.id)]);
        let key = (org.into(), row.meta.id.clone());
        self.rows.insert(key, Dated { value: row, sources, at });
    }

    /// Keeps the rows that a batch has written.
    pub(crate) fn keep(&self, batch: Batch, at: Moment) {
        for Change { meta, op, .. } in batch.changes {
            if let ChangeOp::Insert(row) | ChangeOp::Update { row, .. } = op {
                let Row { doc_version, doc, .. } = row;
                // It grew while it was rendered, and has room for up to twice its length. The
                // allocator gives nothing of that back unless more than half is free.
                let doc = doc.as_str().to_owned();
                self.put(&batch.org, Arc::new(RawRow { meta, doc_version, doc }), at);
            }
        }
    }
}
