import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { apply } from './store/preferences';
import { enter } from './store/session';
import './styles/index.css';

const isLink = location.pathname === '/signin' && location.hash.length > 1;
apply();
void enter(isLink ? location.hash.slice(1) : '');
const place = document.getElementById('app');
if (place) createRoot(place).render(<StrictMode><App /></StrictMode>);
