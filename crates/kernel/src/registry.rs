//! Every kind of object, and who reads the events of it.

use std::fmt;

use worksmith_wire::Kind;

use crate::context::Rights;
use crate::family::Family;

/// Every family, by the kinds of object that it contains.
#[derive(Clone, Default)]
pub struct Registry {
    families: Vec<Family>,
    /// The index of the family of each kind.
    places: Vec<Option<usize>>,
    readers: Vec<Reader>,
    /// Who may read of the changes of each kind that the event feed tells of.
    told: Vec<(Kind, Rights)>,
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tables = self.families.iter().map(|family| family.table.name);
        f.debug_list().entries(tables).finish()
    }
}

/// A reader of the event log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Its name, which must never change: it is stored with the events that it has not read.
    pub name: &'static str,
    /// The kinds of object whose events it reads.
    pub kinds: &'static [Kind],
}

impl Registry {
    /// Adds a family.
    pub fn add(&mut self, family: Family) {
        self.families.push(family);
        let place = |kind: &Kind| self.families.iter().position(|f| f.table.kinds.contains(kind));
        self.places = Kind::ALL.iter().map(place).collect();
    }

    /// Adds a reader of the event log.
    pub fn add_reader(&mut self, reader: Reader) {
        self.readers.push(reader);
    }

    /// Has the event feed tell of a family's objects to those who have these rights.
    pub fn tell(&mut self, kinds: &[Kind], rights: Rights) {
        self.told.extend(kinds.iter().map(|kind| (*kind, rights)));
    }

    /// What a caller needs to be told of the changes of a kind of object; `None` if the event feed
    /// tells nobody of them.
    pub fn told(&self, kind: Kind) -> Option<Rights> {
        self.told.iter().find(|(told, _)| *told == kind).map(|(_, rights)| *rights)
    }

    /// The names of the readers that subscribe to a kind of object.
    pub fn readers_of(&self, kind: Kind) -> impl Iterator<Item = &'static str> {
        let wants = move |reader: &&Reader| reader.kinds.contains(&kind);
        self.readers.iter().filter(wants).map(|reader| reader.name)
    }

    /// All families, in the order of registration.
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// The family that contains a kind of object.
    pub fn family(&self, kind: Kind) -> Option<&Family> {
        self.place(kind).map(|place| &self.families[place])
    }

    /// The index of the family that contains a kind of object.
    pub fn place(&self, kind: Kind) -> Option<usize> {
        self.places.get(kind as usize).copied().flatten()
    }
}
