//! The neural tabular network on candle.
