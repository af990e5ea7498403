//! Requests that serve several types of object with one list of members.

use worksmith_kernel::Result;
use worksmith_wire::{ApiError, Kind};

/// Refuses the first member of the request that objects of this type don't have, as an unknown one
/// (BEHAVIOUR 1.3). `members` are names, and whether the request contains them.
pub fn refuse_foreign(noun: &str, members: &[(&'static str, bool)]) -> Result<()> {
    match members.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((field, _)) => {
            let message = format!("{field} is not a field of type {noun}");
            Err(ApiError::invalid_field(field, message).into())
        }
    }
}

/// Refuses a `type` that contradicts the id.
pub fn refuse_other_type(kind: Kind, given: Option<&str>) -> Result<()> {
    match given.filter(|given| *given != kind.noun()) {
        None => Ok(()),
        Some(given) => {
            let message = format!("the id is that of type {}, not {given}", kind.noun());
            let error = ApiError::not_permitted("type", message);
            Err(error.with("allowed_values", vec![kind.noun()]).into())
        }
    }
}
