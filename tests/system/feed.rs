//! Of which objects the event feed tells, and whom. Each family says it too, by the operation that
//! reads an object of it; whoever changes it there has to mean it, and change it here.

use worksmith_kernel::Audience::{self, Everyone, Members};
use worksmith_wire::Kind;

const TOLD: [(&str, Audience, &str); 41] = [
    ("issue", Everyone, "work"),
    ("ticket", Everyone, "work"),
    ("task", Everyone, "work"),
    ("opportunity", Everyone, "work"),
    ("product", Members, "part"),
    ("capability", Members, "part"),
    ("feature", Members, "part"),
    ("enhancement", Members, "part"),
    ("runnable", Members, "part"),
    ("linkable", Members, "part"),
    ("artifact", Everyone, "artifact"),
    ("tag", Members, "tag"),
    ("link", Everyone, "link"),
    ("vista", Members, "vista"),
    ("vista_group_item", Members, "vista"),
    ("custom_stage", Members, ""),
    ("custom_state", Members, ""),
    ("stage_diagram", Members, ""),
    ("timeline_comment", Everyone, "timeline_entry"),
    ("timeline_link_event", Everyone, "timeline_entry"),
    ("custom_object", Members, "custom_object"),
    ("tenant_fragment", Members, ""),
    ("custom_type_fragment", Members, ""),
    ("app_fragment", Members, ""),
    ("custom_link_type", Members, "custom_link_type"),
    ("org_schedule", Members, "org_schedule"),
    ("org_schedule_fragment", Members, "org_schedule_fragment"),
    ("sla", Members, "sla"),
    ("sla_tracker", Members, "sla_tracker"),
    ("metric_definition", Members, "metric_definition"),
    ("dev_org", Members, "dev_org"),
    ("dev_user", Members, "dev_user"),
    ("rev_user", Everyone, "rev_user"),
    ("sys_user", Members, "sys_user"),
    ("service_account", Members, "service_account"),
    ("rev_org", Everyone, "rev_org"),
    ("account", Everyone, "account"),
    ("group", Members, "group"),
    ("notification", Everyone, "notification"),
    ("content_template", Members, "content_template"),
    ("webhook", Members, "webhook"),
];

#[test]
fn the_feed_tells_of_these_objects_and_of_no_others() {
    let table = worksmith_tracker::table();
    let registry = table.registry();
    let told = Kind::ALL.iter().filter_map(|kind| {
        let rights = registry.told(*kind)?;
        Some((kind.noun(), rights.audience, rights.scope))
    });
    // Not of channels, which no operation shows, of members of groups, subscriptions and letters,
    // whose ids are shown nowhere, of preferences, nor of tokens.
    assert_eq!(told.collect::<Vec<_>>(), TOLD);
}
