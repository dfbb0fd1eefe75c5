//! What an administrator can look after.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::http::Academy;
use crate::http::page::{Frame, page};
use crate::http::session::Administrator;

/// The way to one page.
struct Card {
    href: &'static str,
    title: &'static str,
    about: &'static str,
}

const fn card(href: &'static str, title: &'static str, about: &'static str) -> Card {
    Card { href, title, about }
}

/// In the order of the page. A new page of the administrator's adds its line here.
const CARDS: &[Card] = &[
    card("/admin/people", "People", "Find an account, change its role, lock it or let it in again."),
    card("/admin/payments", "Payments", "Orders, refunds that wait for a decision, coupons, and whether the books balance."),
    card("/admin/certificates", "Certificates", "Take a certificate back, or give it its worth again."),
    card("/admin/keys", "Keys for services", "Who else may call the academy, for what and until when."),
    card("/admin/jobs", "Background work", "Mails, certificates and what else is done later: how much waits, and what has failed."),
];

#[derive(Template)]
#[template(path = "admin_overview.html")]
struct Overview<'a> {
    frame: Frame<'a>,
    cards: &'static [Card],
}

pub(super) async fn show(State(academy): State<Arc<Academy>>, Administrator(account): Administrator) -> Response {
    page(&Overview { frame: academy.frame(Some(&account), "/admin"), cards: CARDS })
}
