//! What merges of accounts and of contacts share. References to the secondary object, of whatever
//! family, are redirected by [`Tx::cascade`](worksmith_store::Tx::cascade).

use worksmith_kernel::Result;
use worksmith_wire::{ApiError, Id};

/// Refuses to merge an object with itself, or one that was merged before. The `merged_into` are the
/// objects that the two were merged into already.
pub fn check(
    (primary, merged_into): (&Id, Option<&Id>),
    (secondary, secondary_merged_into): (&Id, Option<&Id>),
) -> Result<()> {
    let name = |id: &Id| id.display_id().unwrap_or_else(|| id.to_string());
    let refuse = |message| Err(ApiError::bad_request(message).into());
    if primary == secondary {
        return refuse(format!("{} can't be merged with itself", name(primary)));
    }
    for (id, into) in [(primary, merged_into), (secondary, secondary_merged_into)] {
        if let Some(into) = into {
            return refuse(format!("{} was merged into {} before", name(id), name(into)));
        }
    }
    Ok(())
}
