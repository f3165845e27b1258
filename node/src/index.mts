// One implementation behind both doors: a class is the same class whether it was imported or required.
export * from './index.js'
