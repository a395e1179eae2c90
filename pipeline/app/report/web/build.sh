#!/usr/bin/env bash
# Builds dist/report.html, the page that reports are made of: commit it with the sources it was built from.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
npm ci --no-audit --no-fund
npx vite build
