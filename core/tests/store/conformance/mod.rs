//! One suite for all stores.

mod delivering;
mod endpoints;
mod history;
mod lines;
mod sending;

use crate::support::Bench;

macro_rules! suite {
    ($($room:ident: $($test:ident)*;)*) => {
        mod memory {
            $($(#[test] fn $test() { super::$room::$test(&super::Bench::memory()); })*)*
        }

        #[cfg(feature = "sqlite")]
        mod sqlite {
            $($(#[test] fn $test() { super::$room::$test(&super::Bench::sqlite()); })*)*
        }

        #[cfg(feature = "postgres")]
        mod postgres {
            $($(#[test] fn $test() { super::$room::$test(&super::Bench::postgres()); })*)*
        }
    };
}

suite! {
    sending:
        fans_out_to_whom_it_concerns
        the_same_id_is_the_same_message
        tests_go_to_whom_they_name
        payloads_are_exact
        the_outbox_is_drained_once
        a_batch_is_applied_in_order;
    endpoints:
        endpoints_come_back_as_they_were_made
        updates_do_not_overwrite_each_other
        disabling_holds_and_enabling_resumes
        deleting_cancels
        secrets_are_replaced
        pages_of_endpoints;
    delivering:
        due_in_the_order_of_time
        ordered_endpoints_wait_for_the_head
        an_attempt_is_settled_once
        only_the_holder_settles
        attempts_are_logged
        lost_attempts_do_not_end_anything
        failures_in_a_row_disable_once
        old_results_do_not_count
        a_refusal_disables
        successes_are_paid_once
        a_cancelled_delivery_stays_so;
    lines:
        one_endpoint_is_named
        of_an_order_only_the_first_is_due
        an_order_of_many_in_one_commit
        begun_attempts_say_so_until_they_are_settled
        what_is_discarded_is_no_failure
        the_last_delivery_of_an_event
        messages_are_found_whosever_they_are
        a_store_is_a_senders_or_an_inboxs;
    history:
        manual_retries_are_new_deliveries
        what_cannot_be_retried
        jobs_resume
        expunged_bodies_are_gone
        notices_stay_until_acknowledged
        logs_are_filtered_and_paged
        old_things_go
        nothing_works_after_close;
}
