//! Channels: where a ticket came from. The API can't create any, so each org starts with one for
//! each name that the older member `source_channel` had (BEHAVIOUR 10.2).

use serde::{Deserialize, Serialize};
use worksmith_engine::Tx;
use worksmith_kernel::{
    Column, ColumnType, Expander, OpTable, Resource, Result, Stored, Table, Value, column,
};
use worksmith_wire::Kind;
use worksmith_wire::channels::ChannelSummary;

/// The names of the channels that an org starts with, in the order of their numbers.
const STOCK: [&str; 6] = ["email", "plug", "slack", "twilio", "twilio_sms", "other"];

/// The space in which the names of channels are unique.
pub const NAMES: &str = "channel.name";

/// The document of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// The name, unique in the org. Answers show channels by id alone.
    pub name: String,
}

static TABLE: Table = Table {
    name: "channels",
    kinds: &[Kind::Channel],
    columns: &[NAME],
    filters: &[],
    sorts: &[],
    digest: &[],
};
const NAME: Column = column("name", ColumnType::Text);

impl Resource for Channel {
    const TABLE: &'static Table = &TABLE;
    const ONE: &'static str = "channel";
    const MANY: &'static str = "channels";
    type Object = ChannelSummary;
    type Summary = ChannelSummary;

    fn columns(&self) -> Vec<Value> {
        vec![self.name.as_str().into()]
    }

    fn names(&self, claim: &mut dyn FnMut(&'static str, &'static str, &str)) {
        claim(NAMES, "name", &self.name);
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> ChannelSummary {
        Self::summary(stored, x)
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> ChannelSummary {
        ChannelSummary { head: x.atom(stored.id()) }
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable<Tx>) {
    table.family::<Channel>();
}

/// Creates the channels that an org starts with, `CHANNEL-1` to `CHANNEL-6`.
pub async fn seed(tx: &mut Tx) -> Result<()> {
    for name in STOCK {
        tx.insert(Kind::Channel, Channel { name: name.to_owned() }).await?;
    }
    Ok(())
}
