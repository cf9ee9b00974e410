"""Late-payment interest and fees: from what an email mentions to an invoice of it."""
