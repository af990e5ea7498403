//! The behaviours, and the macro that makes a test of each for one backend.

pub(crate) mod cascades;
pub(crate) mod deliveries;
pub(crate) mod execute;
pub(crate) mod history;
pub(crate) mod names;
pub(crate) mod objects;
pub(crate) mod paging;
pub(crate) mod props;
pub(crate) mod references;
pub(crate) mod texts;
pub(crate) mod workers;

/// Makes the tests of a backend: `suite!(crate::sqlite::Sqlite)`. A behaviour that is missing here
/// is reported by the compiler as dead code.
macro_rules! suite {
    ($backend:ty) => {
        crate::suite::suite! { @tests $backend;
            objects: [
                an_object_is_found_as_it_was_made,
                an_update_counts_the_revision_and_keeps_the_author,
                an_update_without_effect_changes_nothing,
                a_deleted_object_is_gone_and_leaves_its_summary,
                one_refused_change_refuses_all,
                a_change_of_a_stale_copy_is_refused,
                events_tell_every_change,
                an_object_changed_twice_in_one_transaction_is_one_change,
                a_change_taken_back_in_one_transaction_is_no_change,
                a_copy_from_before_an_own_change_is_a_defect,
                an_object_can_be_changed_and_deleted_in_one_transaction,
                an_object_made_and_deleted_in_one_transaction_never_was,
                numbers_are_never_given_again,
                an_id_is_never_given_again,
                an_id_of_the_callers_making_moves_the_counter,
                doubles_come_back_exactly,
                many_changes_fit_in_one_transaction,
                importers_name_authors_and_dates,
            ];
            names: [
                a_name_is_claimed_once_in_an_org,
                a_name_that_was_given_up_is_free,
                a_name_changes_hands_in_one_transaction,
                two_objects_swap_names_in_one_transaction,
                a_name_claimed_twice_by_one_object_is_one_claim,
                of_two_claims_at_once_one_wins,
            ];
            references: [
                a_reference_must_lead_somewhere,
                references_are_found_from_their_target,
                referrers_are_counted_by_what_their_references_carry,
                one_may_rely_on_nothing_referring_to_an_object,
                one_may_rely_on_who_refers_to_an_object,
                referrers_are_counted_for_each_object,
                a_target_deleted_meanwhile_refuses_the_reference,
                one_may_rely_on_an_object,
                relying_on_what_one_changes_is_no_obstacle,
                a_transaction_shows_what_it_deletes_itself,
                orgs_never_see_each_other,
            ];
            paging: [
                pages_follow_each_other_in_both_directions,
                objects_without_a_value_come_last_in_both_orders,
                several_keys_weigh_in_their_order,
                a_list_may_change_while_it_is_paged,
                the_way_back_from_an_empty_page_misses_nothing,
                a_forged_cursor_is_the_clients_mistake,
                conditions_mean_what_they_say,
                counts_agree_with_lists,
            ];
            props: [
                objects_are_found_by_values_of_custom_fields,
                numbers_and_texts_keep_to_themselves,
                a_list_is_sorted_by_a_custom_field_in_both_directions,
                several_values_count_once_and_sort_by_the_smallest,
                a_filter_on_the_field_of_the_order_leaves_out_those_without_a_value,
                an_update_changes_what_an_object_is_found_by,
                fields_of_another_org_or_path_are_others,
                a_forged_key_of_a_custom_field_is_the_clients_mistake,
            ];
            execute: [
                two_updates_of_different_fields_both_survive,
                many_writers_on_one_object_lose_nothing,
                what_comes_from_memory_fits_what_was_read_before,
                an_answer_is_remembered_for_its_key,
                a_refusal_is_remembered_for_its_key,
                of_two_requests_with_one_key_at_once_one_happens,
                if_match_demands_a_revision,
                if_match_is_about_the_object_as_it_was_before,
            ];
            cascades: [
                whoever_changes_an_object_its_followers_hear_of_it,
                references_to_what_is_gone_are_dropped_at_once_for_readers,
                references_lead_to_what_an_object_was_merged_into,
                what_goes_with_a_reference_counts_at_once,
                groups_are_counted_as_they_are_going_to_be,
                a_change_within_a_cascade_takes_it_along,
                what_is_nothing_without_its_owner_is_gone_at_once,
            ];
            history: [
                the_log_is_read_backwards_in_pieces_of_any_size,
                the_revisions_at_a_place_of_the_log_are_known,
                every_state_is_reconstructed_as_it_was,
            ];
            texts: [
                a_text_comes_back_whatever_its_length,
                whoever_reads_gets_whole_documents,
                an_object_that_was_only_listed_is_changed_and_deleted_with_its_text,
                a_refused_change_leaves_the_text_as_it_is,
            ];
            deliveries: [
                of_each_object_the_first_unfinished_delivery_is_due,
                a_delivery_is_added_once_and_comes_back_as_it_was,
                finished_deliveries_are_found_and_made_once_more,
                receivers_are_held_and_hastened_and_old_deliveries_deleted,
                how_far_the_log_was_read_is_known,
            ];
            workers: [
                a_lease_is_one_holders_until_it_ends,
                events_are_claimed_once_and_those_of_an_object_in_order,
                what_a_dead_reader_has_claimed_is_given_out_again,
                readers_at_the_same_time_get_different_events,
            ];
        }
    };
    (@tests $backend:ty; $($module:ident: [$($name:ident,)*];)*) => {$(
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    let Some(backend) = <$backend>::new() else { return };
                    let bed = crate::bed::Bed::new(backend).await;
                    crate::suite::$module::$name(bed).await;
                }
            )*
        }
    )*

        #[tokio::test]
        async fn random_operations_do_what_the_model_does() {
            for seed in crate::driver::seeds() {
                let Some(backend) = <$backend>::new() else { return };
                crate::driver::drive(crate::bed::Bed::new(backend).await, seed, 700).await;
            }
        }
    };
}
pub(crate) use suite;
