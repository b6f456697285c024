// SPDX-License-Identifier: Apache-2.0
// A shared library that is no plugin: for plugin_loader_test.cc.
extern "C" int q_implant_something_else() { return 0; }
