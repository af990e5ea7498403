//! Stages.

use worksmith_kernel::OpTable;
use worksmith_store::Tx;

/// Registers the family.
pub fn ops(_table: &mut OpTable<Tx>) {}
