//! Channels: where a ticket came from. The API can't create any, so each org starts with one for
//! each name that the older member `source_channel` had (BEHAVIOUR 10.2).

use serde::{Deserialize, Serialize};
use worksmith_engine::{OpTable, Tx};
use worksmith_kernel::{Column, Expander, Name, Resource, Result, Stored};
use worksmith_wire::Kind;
use worksmith_wire::channels::ChannelSummary;

/// The names of the channels that an org starts with, in the order of their numbers.
const STOCK: [&str; 6] = ["email", "plug", "slack", "twilio", "twilio_sms", "other"];

/// The document of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// The name, unique in the org. Answers show channels by id alone.
    pub name: String,
}

const NAME: Column<Channel> = Column::text("name", |channel| channel.name.as_str().into());

/// The names of channels.
pub const NAMES: Name<Channel> =
    Name::new("channel.name", "name", |channel, claim| claim(&channel.name));

impl Resource for Channel {
    const TABLE_NAME: &'static str = "channels";
    const KINDS: &'static [Kind] = &[Kind::Channel];
    const COLUMNS: &'static [Column<Self>] = &[NAME];
    const NAMES: &'static [Name<Self>] = &[NAMES];
    const ONE: &'static str = "channel";
    const MANY: &'static str = "channels";
    type Object = ChannelSummary;
    type Summary = ChannelSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> ChannelSummary {
        Self::summary(stored, x)
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> ChannelSummary {
        ChannelSummary { head: x.atom(stored.id()) }
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<Channel>();
}

/// Creates the channels that an org starts with, `CHANNEL-1` to `CHANNEL-6`.
pub async fn seed(tx: &mut Tx) -> Result<()> {
    for name in STOCK {
        tx.insert(Kind::Channel, Channel { name: name.to_owned() }).await?;
    }
    Ok(())
}
