//! Letters about money.

use askama::Template;
use porter_mail::{Attachment, Mail};
use uuid::Uuid;

use super::{Frame, Letterhead, name};
use crate::domain::{Account, RefundStatus};
use crate::http::words::date;
use crate::paper;
use crate::store::{OrderView, RefundTask};

/// A file that goes along.
#[derive(Debug)]
pub(crate) struct Paper {
    pub(crate) number: String,
    pub(crate) pdf: Vec<u8>,
}

#[derive(Template)]
#[template(path = "letters/money.html")]
struct MoneyHtml<'a> {
    frame: &'a Frame<'a>,
    letter: &'a Text,
}

#[derive(Template)]
#[template(path = "letters/money.txt")]
struct MoneyText<'a> {
    frame: &'a Frame<'a>,
    letter: &'a Text,
}

/// What a letter about money says: all of them have the same parts.
struct Text {
    subject: String,
    opening: String,
    course: String,
    line: String,
    then: String,
    link: String,
    link_text: &'static str,
}

impl Letterhead<'_> {
    fn money(&self, id: Uuid, account: &Account, letter: &Text, paper: Option<Paper>) -> askama::Result<Mail> {
        let frame = &self.frame(account);
        let text = MoneyText { frame, letter }.render()?;
        let html = MoneyHtml { frame, letter }.render()?;
        let mail = self.mail(id, account, letter.subject.clone(), text, html);
        let file = paper.map(|paper| Attachment {
            file_name: format!("{}.pdf", paper.number.to_ascii_lowercase()),
            media_type: paper::MEDIA_TYPE.to_owned(),
            bytes: paper.pdf,
        });
        Ok(Mail { attachments: file.into_iter().collect(), ..mail })
    }

    fn about(&self, number: &str, course: &str, amount: &str) -> Text {
        Text {
            subject: String::new(),
            opening: String::new(),
            course: name::plain(course),
            line: format!("{amount} · Order {number}"),
            then: String::new(),
            link: format!("{}/orders/{number}", self.public_url),
            link_text: "Look at your order",
        }
    }

    /// The order is paid; the invoice goes along.
    ///
    /// # Errors
    /// When a template cannot be rendered: a fault here.
    pub(crate) fn order_paid(&self, id: Uuid, account: &Account, order: &OrderView, paper: Option<Paper>) -> askama::Result<Mail> {
        let text = self.about(&order.facts.number, &order.facts.course_title, &order.facts.total.to_string());
        let text = Text {
            subject: format!("Your order {} is paid", order.facts.number),
            opening: "thank you: your payment has arrived, and the course is open to you. The invoice is attached to this message."
                .to_owned(),
            then: "You find the course under My learning.".to_owned(),
            ..text
        };
        self.money(id, account, &text, paper)
    }

    /// The bank has declined.
    ///
    /// # Errors
    /// As [`Self::order_paid`].
    pub(crate) fn payment_failed(&self, id: Uuid, account: &Account, order: &OrderView) -> askama::Result<Mail> {
        let text = self.about(&order.facts.number, &order.facts.course_title, &order.facts.total.to_string());
        let text = Text {
            subject: format!("The payment of order {} did not work", order.facts.number),
            opening: "your bank has declined the payment, so nothing was charged. Your order is kept.".to_owned(),
            then: "You can pay again at any time, also with another card.".to_owned(),
            ..text
        };
        self.money(id, account, &text, None)
    }

    /// What was decided on a refund.
    ///
    /// # Errors
    /// As [`Self::order_paid`].
    pub(crate) fn refund_decided(&self, id: Uuid, account: &Account, refund: &RefundTask) -> askama::Result<Mail> {
        let text = self.about(&refund.number, &refund.course, &refund.amount.to_string());
        let text = if refund.status == RefundStatus::Rejected {
            let reason = refund.reason.as_deref().map(|reason| format!(" The reason: {}", name::plain(reason))).unwrap_or_default();
            Text {
                subject: format!("About your refund of order {}", refund.number),
                opening: format!("a person has looked at your request for a refund and could not grant it.{reason}"),
                then: "If you think that this is wrong, answer this message or write to us.".to_owned(),
                ..text
            }
        } else {
            let days = self.policy.refund_payout_days;
            Text {
                subject: format!("Your refund of order {} is granted", refund.number),
                opening: "your refund is granted. The course is closed with it; what you have done there is kept.".to_owned(),
                then: format!("The money goes back to the payment method that you used, within {days} days."),
                ..text
            }
        };
        self.money(id, account, &text, None)
    }

    /// The money is back; the credit note goes along.
    ///
    /// # Errors
    /// As [`Self::order_paid`].
    pub(crate) fn refund_settled(
        &self,
        id: Uuid,
        account: &Account,
        refund: &RefundTask,
        paper: Option<Paper>,
    ) -> askama::Result<Mail> {
        let on = date(refund.requested_at);
        let text = Text {
            subject: format!("Your refund of order {} was paid out", refund.number),
            opening: format!("the refund that you asked for on {on} was paid out. The credit note is attached to this message."),
            then: "Banks can need a few days to show it. Some take the old charge away instead of adding a line.".to_owned(),
            ..self.about(&refund.number, &refund.course, &refund.amount.to_string())
        };
        self.money(id, account, &text, paper)
    }
}
