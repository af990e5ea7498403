//! The states, stages and diagrams that every org starts with (BEHAVIOUR 6.1).

use worksmith_engine::Tx;
use worksmith_kernel::{Error, Result};
use worksmith_wire::stages::STOCK_STATES;
use worksmith_wire::{Id, Kind};

use super::diagrams::{StageNode, Transition};
use super::states::stock;
use super::{CustomStage, CustomState, StageDiagram};

const OPEN: u64 = 1;
const IN_PROGRESS: u64 = 2;
const CLOSED: u64 = 3;

/// Every stage: name, ordinal, number of its state. Kinds share stages of the same name.
const STAGES: [(&str, i32, u64); 42] = [
    ("triage", 500, OPEN),
    ("ideation", 600, OPEN),
    ("queued", 700, OPEN),
    ("new", 750, OPEN),
    ("open", 800, OPEN),
    ("qualification", 900, OPEN),
    ("backlog", 1000, OPEN),
    ("prioritized", 3600, OPEN),
    ("acknowledged", 2100, IN_PROGRESS),
    ("fixing", 2200, IN_PROGRESS),
    ("mitigated", 2300, IN_PROGRESS),
    ("needs_response", 2400, IN_PROGRESS),
    ("waiting_on_user", 2500, IN_PROGRESS),
    ("hold", 2600, IN_PROGRESS),
    ("suspended", 2700, IN_PROGRESS),
    ("work_in_progress", 3000, IN_PROGRESS),
    ("awaiting_product_assist", 3250, IN_PROGRESS),
    ("awaiting_development", 3500, IN_PROGRESS),
    ("ux_design", 3800, IN_PROGRESS),
    ("in_development", 4000, IN_PROGRESS),
    ("awaiting_customer_response", 4200, IN_PROGRESS),
    ("in_review", 4500, IN_PROGRESS),
    ("in_testing", 5000, IN_PROGRESS),
    ("in_deployment", 5200, IN_PROGRESS),
    ("limited_availability", 5300, IN_PROGRESS),
    ("validation", 5400, IN_PROGRESS),
    ("negotiation", 5500, IN_PROGRESS),
    ("contract", 5600, IN_PROGRESS),
    ("stalled", 5700, IN_PROGRESS),
    ("resolved", 6000, CLOSED),
    ("archived", 6500, CLOSED),
    ("completed", 8000, CLOSED),
    ("wont_fix", 8100, CLOSED),
    ("duplicate", 8200, CLOSED),
    ("canceled", 8300, CLOSED),
    ("accepted", 8400, CLOSED),
    ("closed_won", 8500, CLOSED),
    ("closed_lost", 8600, CLOSED),
    ("general_availability", 8700, CLOSED),
    ("deprioritized", 8800, CLOSED),
    ("wont_do", 8900, CLOSED),
    ("deprecated", 9000, CLOSED),
];

/// The display names that can't be derived.
const DISPLAY_NAMES: [(&str, &str); 3] =
    [("ux_design", "UX Design"), ("wont_do", "Won't Do"), ("wont_fix", "Won't Fix")];

/// Every diagram: the leaf type and its stages, the start stage first.
const DIAGRAMS: [(Kind, &[&str]); 7] = [
    (
        Kind::Issue,
        &[
            "triage",
            "backlog",
            "prioritized",
            "in_development",
            "in_review",
            "in_testing",
            "in_deployment",
            "completed",
            "wont_fix",
            "duplicate",
        ],
    ),
    (
        Kind::Ticket,
        &[
            "queued",
            "work_in_progress",
            "awaiting_product_assist",
            "awaiting_development",
            "in_development",
            "awaiting_customer_response",
            "resolved",
            "canceled",
            "accepted",
        ],
    ),
    (Kind::Task, &["open", "in_development", "resolved"]),
    (
        Kind::Opportunity,
        &[
            "qualification",
            "validation",
            "negotiation",
            "contract",
            "stalled",
            "closed_won",
            "closed_lost",
        ],
    ),
    (
        Kind::Enhancement,
        &[
            "ideation",
            "prioritized",
            "ux_design",
            "in_development",
            "in_testing",
            "limited_availability",
            "general_availability",
            "deprioritized",
            "wont_do",
            "deprecated",
        ],
    ),
    (
        Kind::Conversation,
        &["new", "needs_response", "waiting_on_user", "hold", "suspended", "resolved", "archived"],
    ),
    (
        Kind::Incident,
        &["triage", "acknowledged", "fixing", "mitigated", "resolved", "duplicate", "canceled"],
    ),
];

/// Creates the states, stages and diagrams of a new org.
pub async fn seed(tx: &mut Tx) -> Result<()> {
    for (number, (name, ordinal)) in (1..).zip(STOCK_STATES.into_iter().zip([1000, 2000, 3000])) {
        let state = CustomState {
            name: name.to_owned(),
            ordinal,
            is_final: number == CLOSED,
            has_own_name: false,
        };
        let stored = tx.insert(Kind::CustomState, state).await?;
        if *stored.id() != stock(number) {
            return Err(Error::internal("the stock states are not the first states"));
        }
    }
    let mut stages = Vec::with_capacity(STAGES.len());
    for (name, ordinal, state) in STAGES {
        let display_name = DISPLAY_NAMES.iter().find(|(of, _)| *of == name);
        let stage = CustomStage {
            name: name.to_owned(),
            display_name: display_name.map(|(_, display_name)| (*display_name).to_owned()),
            ordinal,
            state: stock(state),
            marketplace_ref: None,
            has_own_name: false,
        };
        stages.push((name, tx.insert(Kind::CustomStage, stage).await?.meta.id));
    }
    for (kind, names) in DIAGRAMS {
        let in_diagram = |name: &&str| stages.iter().find(|(of, _)| of == name);
        let ids: Vec<Id> = names.iter().filter_map(in_diagram).map(|(_, id)| id.clone()).collect();
        let diagram = StageDiagram {
            name: format!("{}_transitions", kind.noun()),
            leaf_type: kind.noun().to_owned(),
            is_custom_leaf_type: false,
            is_default: true,
            stock: true,
            stages: complete(&ids),
        };
        tx.insert(Kind::StageDiagram, diagram).await?;
    }
    Ok(())
}

/// A diagram in which each stage leads to every other, and objects begin in the first.
fn complete(stages: &[Id]) -> Vec<StageNode> {
    let node = |(at, stage): (usize, &Id)| StageNode {
        stage: stage.clone(),
        is_start: at == 0,
        is_deprecated: false,
        transitions: stages
            .iter()
            .filter(|target| *target != stage)
            .map(|target| Transition { target: target.clone(), is_hidden: false })
            .collect(),
    };
    stages.iter().enumerate().map(node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordinal(name: &str) -> i32 {
        let mut found = STAGES.iter().filter(|(of, ..)| *of == name);
        let (_, ordinal, _) = found.next().expect("a stage");
        assert!(found.next().is_none(), "{name} is there twice");
        *ordinal
    }

    #[test]
    fn the_stages_of_a_diagram_are_in_the_order_of_their_ordinals() {
        for (kind, names) in DIAGRAMS {
            let ordinals: Vec<_> = names.iter().map(|name| ordinal(name)).collect();
            assert!(ordinals.is_sorted_by(|a, b| a < b), "{}: {ordinals:?}", kind.noun());
        }
    }

    #[test]
    fn no_two_stages_share_an_ordinal_and_each_is_in_a_diagram() {
        for (at, (name, ordinal, _)) in STAGES.iter().enumerate() {
            assert!(STAGES[..at].iter().all(|(_, other, _)| other != ordinal), "{name}");
            assert!(DIAGRAMS.iter().any(|(_, names)| names.contains(name)), "{name} is unused");
        }
    }
}
