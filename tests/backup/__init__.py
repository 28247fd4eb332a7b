"""Tests of controller/backup."""
