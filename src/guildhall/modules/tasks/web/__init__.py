"""The pages of the tracker."""
