// The addon is private: whatever it throws or returns is dressed by the files beside this one.
import native = require('../native/binding.js')

export = native
