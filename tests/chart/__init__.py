"""The Helm chart: what it renders, and (`make chart-test`) how it is installed, upgraded and removed."""
