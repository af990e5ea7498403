//! In whose place webhooks are told.

use worksmith_engine::{Engine, Listener};
use worksmith_kernel::{Error, Result, Stored};
use worksmith_org::auth;
use worksmith_org::environment::Environment;

use super::doc::Webhook;

/// A webhook as a listener in the place of its creator; `None` if that one can't act any more.
pub(super) async fn listener(
    engine: &Engine,
    environment: &Environment,
    org: &str,
    webhook: &Stored<Webhook>,
) -> Result<Option<Listener>> {
    let owner = &webhook.meta.created_by;
    match auth::actor_of(engine, org, owner, &webhook.doc.scopes).await {
        Ok(actor) => {
            let cx = environment.context(org, actor);
            Ok(Some(Listener { id: webhook.id().clone(), cx }))
        }
        Err(Error::Api(_)) => Ok(None),
        Err(other) => Err(other),
    }
}
