//! The addresses that bytes come to and go from without a token: an upload is known by a ticket
//! that is good once, a download by a signature; both end after a while.

use worksmith_kernel::OpCtx;
use worksmith_wire::Id;
use worksmith_wire::artifacts::{FormData, PrepareResponse};

use crate::artifacts::Upload;
use crate::auth_tokens::hash;

/// How long an address is good.
const GOOD_FOR_MS: i64 = 15 * 60 * 1000;

/// A new ticket, and what is kept of it.
pub(super) fn ticket(cx: &OpCtx) -> (String, Upload) {
    let ticket = cx.opaque(43);
    let upload = Upload {
        hash: hash(&ticket),
        expires_at: cx.now.plus_ms(GOOD_FOR_MS),
        prepared_by: cx.actor.id.clone(),
    };
    (ticket, upload)
}

/// Where to upload an artifact with a ticket.
pub(super) fn upload(cx: &OpCtx, id: &Id, ticket: &str) -> PrepareResponse {
    // The ticket says it all; the field is for clients that expect one.
    let key = FormData { key: "key".to_owned(), value: id.local().to_owned() };
    PrepareResponse {
        id: cx.don(id),
        url: format!("{}/upload/{ticket}", cx.base_url),
        form_data: vec![key],
    }
}
