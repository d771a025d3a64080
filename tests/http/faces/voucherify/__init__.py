"""Tests of the face of Voucherify."""
