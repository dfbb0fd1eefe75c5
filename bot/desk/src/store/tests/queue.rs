use super::*;
use crate::{domain::Counts, store::TicketView};

async fn the_queue_is_ordered_by_urgency_then_age(desk: Desk) {
    let mut conversations = Vec::new();
    for urgency in [Urgency::Normal, Urgency::Low, Urgency::Critical, Urgency::High, Urgency::Normal, Urgency::Critical] {
        conversations.push(desk.queued(urgency).await.0);
    }
    let numbers: Vec<i64> = desk.store.tickets(TicketView::Queue, 10).await.unwrap().iter().map(|row| row.number).collect();
    assert_eq!(numbers, [3, 6, 4, 1, 5, 2]);
    let mut places = Vec::new();
    for conversation in &conversations {
        places.push(desk.store.state(*conversation).await.unwrap().place.unwrap());
    }
    assert_eq!(places, [4, 6, 1, 3, 5, 2]);
    let some = desk.store.tickets(TicketView::Queue, 2).await.unwrap();
    assert_eq!(some.iter().map(|row| row.number).collect::<Vec<_>>(), [3, 6]);
}

async fn tickets_of_the_same_moment_are_ordered_by_number(desk: Desk) {
    let now = desk.tick();
    let mut places = Vec::new();
    for _ in 0..3 {
        let conversation = desk.conversation().await;
        let ticket = desk.ticket(Urgency::Normal);
        let handed = desk.store.student_hand_off(conversation, &ticket, QUEUED, now).await.unwrap();
        places.push(handed.state.place.unwrap());
    }
    assert_eq!(places, [1, 2, 3]);
}

async fn places_move_up_as_tickets_are_claimed(desk: Desk) {
    let (_, first) = desk.queued(Urgency::Normal).await;
    let (conversation, _) = desk.queued(Urgency::Normal).await;
    let agent = desk.agent("Mina").await;
    assert_eq!(desk.store.state(conversation).await.unwrap().place, Some(2));
    desk.store.claim(first, agent, desk.tick()).await.unwrap();
    assert_eq!(desk.store.state(conversation).await.unwrap().place, Some(1));
    // A released ticket gets its old place back.
    desk.store.release(first, agent, desk.tick()).await.unwrap();
    assert_eq!(desk.store.state(conversation).await.unwrap().place, Some(2));
}

async fn each_view_and_count_shows_what_belongs_in_it(desk: Desk) {
    let (mina, jonas) = (desk.agent("Mina").await, desk.agent("Jonas").await);
    let mut tickets = Vec::new();
    for urgency in [Urgency::Low, Urgency::High, Urgency::Normal, Urgency::Normal, Urgency::Normal] {
        tickets.push(desk.queued(urgency).await.1);
    }
    let [low, high, of_jonas, done, later_done] = tickets[..] else { panic!("five tickets") };
    for (ticket, staff) in [(low, mina), (high, mina), (of_jonas, jonas), (done, mina), (later_done, jonas)] {
        desk.store.claim(ticket, staff, desk.tick()).await.unwrap();
    }
    desk.store.resolve(done, mina, desk.tick()).await.unwrap();
    desk.store.resolve(later_done, jonas, desk.tick()).await.unwrap();
    let (_, waiting) = desk.queued(Urgency::Normal).await;

    let ids = async |view| desk.store.tickets(view, 10).await.unwrap().iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(TicketView::Queue).await, [waiting]);
    assert_eq!(ids(TicketView::Mine(mina)).await, [high, low]);
    assert_eq!(ids(TicketView::Mine(jonas)).await, [of_jonas]);
    assert_eq!(ids(TicketView::Resolved).await, [later_done, done]);
    assert_eq!(desk.store.counts(mina).await.unwrap(), Counts { queue: 1, mine: 2 });
    assert_eq!(desk.store.counts(jonas).await.unwrap(), Counts { queue: 1, mine: 1 });
    let nobody = StaffId(desk.uuid());
    assert_eq!(desk.store.counts(nobody).await.unwrap(), Counts { queue: 1, mine: 0 });
    let resolved = desk.store.tickets(TicketView::Resolved, 10).await.unwrap();
    assert_eq!(resolved[0].assignee.as_ref().unwrap().name, "Jonas");
}

async fn the_open_ticket_is_the_one_that_is_not_resolved(desk: Desk) {
    let quiet = desk.conversation().await;
    let (conversation, first) = desk.queued(Urgency::Normal).await;
    let open = async |conversation| desk.store.open_ticket(conversation).await.unwrap();
    assert_eq!((open(quiet).await, open(conversation).await), (None, Some(first)));
    assert_eq!(open(ConversationId(desk.uuid())).await, None);

    let agent = desk.agent("Mina").await;
    desk.store.claim(first, agent, desk.tick()).await.unwrap();
    assert_eq!(open(conversation).await, Some(first));
    desk.store.resolve(first, agent, desk.tick()).await.unwrap();
    assert_eq!(open(conversation).await, None);
    let second = desk.ticket(Urgency::Low);
    desk.store.student_hand_off(conversation, &second, QUEUED, desk.tick()).await.unwrap();
    assert_eq!(open(conversation).await, Some(second.id));
}

porter_testkit::both_engines!(
    Desk::open;
    the_open_ticket_is_the_one_that_is_not_resolved,
    the_queue_is_ordered_by_urgency_then_age,
    tickets_of_the_same_moment_are_ordered_by_number,
    places_move_up_as_tickets_are_claimed,
    each_view_and_count_shows_what_belongs_in_it,
);
