"""Tests of the vocabulary: documents, calendar, amounts."""
