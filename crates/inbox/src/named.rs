//! What a call names beside its own object.

use worksmith_kernel::{Error, OpCtx};
use worksmith_wire::{ApiError, Id};

/// The refusal of a call that names something in a field that is not there, or not for the caller.
pub(crate) fn nowhere(cx: &OpCtx, field: &str, id: &Id) -> Error {
    let message = if id.local().is_empty() {
        format!("{field}: there is no such object in this org")
    } else {
        format!("{field}: there is no {}", cx.name(id))
    };
    ApiError::invalid_id(field, message).into()
}
