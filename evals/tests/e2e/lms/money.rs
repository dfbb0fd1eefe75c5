//! Paying, invoices and refunds.
