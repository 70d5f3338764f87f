import {parentPort, workerData} from 'node:worker_threads'
import type {WorkerSettings} from './host/layer-messages.ts'
import {serveLayers} from './host/layer-worker.ts'

if (parentPort === null) throw new Error('This file runs in a worker thread that the action starts.')
serveLayers(parentPort, workerData as WorkerSettings)
