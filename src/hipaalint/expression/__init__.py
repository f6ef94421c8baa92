"""The expression engine: values, the one tree, the evaluator and the functions; knows nothing of Terraform files or templates.

Used by everything above it: loaders make trees and scopes, the model reads values, checks are conditions over both.
"""
