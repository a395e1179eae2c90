#!/usr/bin/env bash
# Small colour tables, logos and styles, each behind the byte that says which it is: tests/fuzz/seeds/brands.sh FOLDER
set -euo pipefail
cd "$1"
lut() { { printf '\000'; cat; } >"lut-$1"; }
svg() { { printf '\001<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" %s>' "$2"; cat; printf '</svg>'; } >"svg-$1"; }
style() { { printf '\002'; cat; } >"style-$1"; } # without its first brace

lut cube <<<$'TITLE "x"\nLUT_3D_SIZE 2\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1 1 1\n0 0 0\n1 0 0\n0 1 0\n1 1 0\n0 0 1\n1 0 1\n0 1 1\n1 1 1'
lut curve <<<$'# dos\r\nLUT_1D_SIZE 3\r\nLUT_1D_INPUT_RANGE 0.1 0.9\r\n0 0 0\r\n.5 +.4 5e-1\r\n1 1 1\r'
lut wide <<<$'LUT_3D_SIZE 2\nDOMAIN_MIN -1 -.5 .2\nDOMAIN_MAX 4 1 .9\n0 0 9\n-1 0 0\n0 1 0\n1 1 0\n0 0 1\n1 0 1\n0 1 1\n1 1 1'
lut short <<<$'LUT_3D_SIZE 256\n0 0 0'
svg shapes 'viewBox="0 0 40 20"' <<<'<defs><linearGradient id="g"><stop stop-color="red"/><stop offset="1" stop-color="#00f" stop-opacity=".5"/></linearGradient><clipPath id="c"><circle cx="9" cy="9" r="8"/></clipPath></defs><g clip-path="url(#c)"><path d="M0 0C9 1 2 9 20 20A3 3 0 0 1 9 9zl3 3" fill="url(#g)"/></g><use href="#g"/>'
svg style 'width="30mm" height="20"' <<<'<style><![CDATA[ .a > rect { fill: #0a0; filter: url("#f") } ]]></style><filter id="f"><feGaussianBlur stdDeviation="2"/></filter><g class="a"><rect width="9" height="9" rx="2" transform="rotate(9)"/></g><text y="9">a&amp;b</text>'
svg pattern 'viewBox="0 0 9 9" preserveAspectRatio="xMinYMax slice"' <<<'<pattern id="p" width="2" height="2" patternUnits="userSpaceOnUse"><circle r="1"/></pattern><mask id="m"><rect width="5" height="9" fill="#fff"/></mask><rect width="9" height="9" fill="url(#p)" mask="url(#m)"/><symbol id="s"><path d="M0 0h9"/></symbol><use xlink:href="#s" stroke="red" stroke-dasharray="1 2"/>'
svg picture 'viewBox="0 0 4 4"' <<<'<image width="4" height="4" href="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="/>'
svg outside 'viewBox="0 0 4 4"' <<<'<image href="file:///a.png"/><style>@import "a.css";</style>'
style own <<<'"extends":"luxe","palette":{"ink":"#fffff0"},"fonts":{"heading":"A","files":["a.ttf"]},"lut":"a.cube","logo":{"file":"l.svg","at":"top_left","width":0.1}}'
style roles <<<'"schema":"longtake/brand/1","scale":1.2,"margin":0.1,"alignment":"centre","entrance":"type","exit":"none","background":"plain","roles":{"title":{"landscape":0.1,"font":"body","weight":400,"leading":1,"tracking":0,"colour":"muted"}}}'
style nothing <<<'}'
