//! What is kept of each org: how far its log was followed, and the key of the links in its mail.

use serde::{Deserialize, Serialize};
use worksmith_engine::Tx;
use worksmith_kernel::{Expander, Resource, Result, Stored};
use worksmith_wire::common::AtomSummary;
use worksmith_wire::{Id, Kind};

/// The length of a key: more than 256 bits of chance.
const KEY_LENGTH: usize = 43;

/// The document of an org's inbox, of which there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbox {
    /// The position in the log up to which people were told; `None` for its beginning.
    pub position: Option<String>,
    /// The key by which links in mail are signed; `None` until there is any mail.
    pub key: Option<String>,
}

impl Resource for Inbox {
    const TABLE_NAME: &'static str = "inboxes";
    const KINDS: &'static [Kind] = &[Kind::Inbox];
    const ONE: &'static str = "inbox";
    const MANY: &'static str = "inboxes";
    type Object = AtomSummary;
    type Summary = AtomSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        x.atom(stored.id())
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        x.atom(stored.id())
    }
}

fn id() -> Id {
    Id::new(Kind::Inbox, "inbox")
}

/// The inbox of the org; `None` if it has none yet.
pub async fn find(tx: &mut Tx) -> Result<Option<Stored<Inbox>>> {
    tx.find(&id()).await
}

/// Makes sure that the org has an inbox. Nobody is told of what happened before.
pub async fn begin(tx: &mut Tx) -> Result<()> {
    if find(tx).await?.is_some() {
        return Ok(());
    }
    let position = Some(tx.log_end().await?.1);
    tx.insert_with_id(id(), Inbox { position, key: None }).await.map(drop)
}

/// Makes sure that the org has a key.
pub(crate) async fn make_key(tx: &mut Tx) -> Result<()> {
    if let Some(inbox) = find(tx).await?
        && inbox.doc.key.is_none()
    {
        let key = Some(tx.cx().opaque(KEY_LENGTH));
        let doc = Inbox { key, ..inbox.doc.clone() };
        tx.update(inbox, doc).await?;
    }
    Ok(())
}

/// The key of the org's links; `None` if there was no mail yet.
pub(crate) async fn key(tx: &mut Tx) -> Result<Option<String>> {
    Ok(find(tx).await?.and_then(|inbox| inbox.doc.key))
}
