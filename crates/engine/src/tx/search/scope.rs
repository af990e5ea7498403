//! Where a caller may look: the kinds of objects that it may read of, and what must hold of the
//! entries of those that it sees. What entries don't say is found out from each object.

use worksmith_kernel::search::{Needs, Searched};
use worksmith_kernel::{Family, OpCtx};
use worksmith_wire::Kind;

use super::super::Tx;

/// The entries among which is looked.
pub(super) enum Scope {
    /// None.
    Nothing,
    /// All of them.
    Everything,
    /// Those for which this holds.
    Where(Needs),
}

impl Tx {
    /// The families whose objects the caller may find, with what the search knows of them.
    pub fn searched(&self) -> Vec<(Family, Searched)> {
        let families = self.inner.store.registry().families().iter();
        let found = families.filter_map(|family| Some((*family, (family.searched)()?)));
        let may = |(family, _): &(Family, Searched)| {
            family.table.kinds.iter().any(|kind| self.may_read(*kind))
        };
        found.filter(may).collect()
    }

    /// Whether the caller may read of objects of a kind.
    pub(super) fn may_read(&self, kind: Kind) -> bool {
        let told = self.inner.store.registry().told(kind);
        told.is_some_and(|rights| rights.allow(&self.cx.actor))
    }

    /// The entries of the objects of some kinds, or of all, that the caller may see; or of what
    /// belongs to them.
    pub(super) fn scope(&self, kinds: Option<&[Kind]>, is_part: bool) -> Scope {
        let wanted = |kind: Kind| kinds.is_none_or(|kinds| kinds.contains(&kind));
        let (mut open, mut bound, mut is_all) = (Vec::new(), Vec::new(), kinds.is_none());
        for family in self.inner.store.registry().families() {
            let Some(searched) = (family.searched)() else { continue };
            let own = family.table.kinds.iter().copied();
            if searched.is_part != is_part {
                continue;
            }
            let may: Vec<Kind> = own.filter(|kind| self.may_read(*kind)).collect();
            let may = if sees_none(family, &self.cx) { Vec::new() } else { may };
            is_all &= may.len() == family.table.kinds.len();
            let kinds: Vec<Kind> =
                may.into_iter().filter(|kind| is_part || wanted(*kind)).collect();
            if kinds.is_empty() {
                continue;
            }
            match (family.seen_needs)(&self.cx) {
                None => open.extend(kinds),
                // A family of parts is not told from others by its entries.
                Some(needs) if is_part => bound.push(needs),
                Some(needs) => bound.push(Needs::All(vec![Needs::of_kinds(&kinds, false), needs])),
            }
        }
        if open.is_empty() && bound.is_empty() {
            return Scope::Nothing;
        }
        if is_part {
            let of = kinds.map(|kinds| Needs::of_kinds(kinds, true)).into_iter();
            let all: Vec<Needs> = of.chain(open.is_empty().then_some(Needs::Any(bound))).collect();
            return if all.is_empty() { Scope::Everything } else { Scope::Where(Needs::All(all)) };
        }
        if is_all && bound.is_empty() {
            return Scope::Everything;
        }
        if !open.is_empty() {
            bound.push(Needs::of_kinds(&open, false));
        }
        Scope::Where(Needs::Any(bound))
    }
}

/// Whether a caller sees nothing of a family: a customer, if it has no rule for them.
fn sees_none(family: &Family, cx: &OpCtx) -> bool {
    cx.actor.is_customer() && (family.sees_all)(cx) && family.seen_with.is_empty()
}
